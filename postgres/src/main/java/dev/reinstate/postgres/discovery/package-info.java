@NullMarked
package dev.reinstate.postgres.discovery;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.reinstate.postgres.copy;

import org.jspecify.annotations.NullMarked;

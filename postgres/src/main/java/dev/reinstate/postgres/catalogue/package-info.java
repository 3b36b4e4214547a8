@NullMarked
package dev.reinstate.postgres.catalogue;

import org.jspecify.annotations.NullMarked;

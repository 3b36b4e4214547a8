@NullMarked
package dev.reinstate.postgres;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.reinstate.postgres.pgoutput;

import org.jspecify.annotations.NullMarked;

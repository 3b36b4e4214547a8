@NullMarked
package dev.reinstate.archive;

import org.jspecify.annotations.NullMarked;

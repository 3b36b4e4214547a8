@NullMarked
package dev.reinstate.archive.sort;

import org.jspecify.annotations.NullMarked;

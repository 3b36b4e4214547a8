@NullMarked
package dev.reinstate.archive.format;

import org.jspecify.annotations.NullMarked;

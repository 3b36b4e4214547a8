@NullMarked
package dev.reinstate.capture;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.reinstate.bench;

import org.jspecify.annotations.NullMarked;

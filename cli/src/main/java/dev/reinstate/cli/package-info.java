@NullMarked
package dev.reinstate.cli;

import org.jspecify.annotations.NullMarked;

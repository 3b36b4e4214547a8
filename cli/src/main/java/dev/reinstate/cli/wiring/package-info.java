/** Hand wiring: turns a configuration into the objects of the modules that do the work. */
@NullMarked
package dev.reinstate.cli.wiring;

import org.jspecify.annotations.NullMarked;

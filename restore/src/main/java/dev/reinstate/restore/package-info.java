@NullMarked
package dev.reinstate.restore;

import org.jspecify.annotations.NullMarked;

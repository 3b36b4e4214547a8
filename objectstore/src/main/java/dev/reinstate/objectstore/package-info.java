@NullMarked
package dev.reinstate.objectstore;

import org.jspecify.annotations.NullMarked;

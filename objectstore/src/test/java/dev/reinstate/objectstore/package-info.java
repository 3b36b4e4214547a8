/** The contract every object store must pass, and a store that fails on purpose. */
@NullMarked
package dev.reinstate.objectstore;

import org.jspecify.annotations.NullMarked;

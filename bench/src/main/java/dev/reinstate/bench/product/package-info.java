/**
 * Reinstate as it is measured: its command line in processes of its own, with the heap a user gives it, and its archive
 * read beside them to see what is durable.
 */
@NullMarked
package dev.reinstate.bench.product;

import org.jspecify.annotations.NullMarked;

/**
 * What the benches work on: two small databases with many tenants and the changes made to them, all made by the server
 * itself from seeded arithmetic, so that every run has the same rows.
 */
@NullMarked
package dev.reinstate.bench.load;

import org.jspecify.annotations.NullMarked;

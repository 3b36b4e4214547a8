/**
 * The PostgreSQL server that is measured: an embedded one with fsync on, or one given by its URL. Every bench works in
 * a database of its own, made fresh and dropped at the end; interrupted, a bench leaves a database
 * {@code reinstate_bench_…} and its slots on an external server, which its next run removes.
 */
@NullMarked
package dev.reinstate.bench.server;

import org.jspecify.annotations.NullMarked;

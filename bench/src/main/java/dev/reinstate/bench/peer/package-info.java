/**
 * Those measured against: PostgreSQL's own {@code pg_recvlogical} and {@code COPY}, and Debezium's embedded engine. A
 * peer that is not on the machine says so and is skipped.
 */
@NullMarked
package dev.reinstate.bench.peer;

import org.jspecify.annotations.NullMarked;

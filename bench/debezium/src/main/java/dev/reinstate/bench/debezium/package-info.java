/**
 * Debezium's embedded engine as a peer: drains a slot into a handler that does nothing and says how long it took.
 *
 * <p>Runs in a process of its own with a class path of its own and shares no code with the rest. It leaves nothing
 * behind but the slot's new position, which its caller drops.
 */
@NullMarked
package dev.reinstate.bench.debezium;

import org.jspecify.annotations.NullMarked;

package dev.reinstate.model;

import java.time.Instant;
import java.util.List;

/**
 * What makes the captured tables in an empty database: schemas, extensions, types, functions that the tables need,
 * sequences, tables, keys, indexes, constraints.
 *
 * @param position they were so there; right before a change that is noticed later they may have been others
 * @param time when they were read
 * @param statements in an order in which they can be run
 * @param leftOut what the tables have or need that no statement makes, for people; sorted
 */
public record Definitions(Lsn position, Instant time, List<Definition> statements, List<String> leftOut) {
    public Definitions {
        statements = List.copyOf(statements);
        leftOut = List.copyOf(leftOut);
    }

    /** Whether they make the same. */
    public boolean makeTheSameAs(Definitions others) {
        return statements.equals(others.statements) && leftOut.equals(others.leftOut);
    }
}

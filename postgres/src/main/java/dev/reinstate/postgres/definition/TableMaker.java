package dev.reinstate.postgres.definition;

import dev.reinstate.model.Definition;
import dev.reinstate.model.Definitions;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.PostgresFailure;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.catalogue.Catalogue;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Makes tables in a database that has none. */
public final class TableMaker {
    private TableMaker() {}

    /**
     * All of them in one transaction, so that a failure leaves nothing. {@code CONFLICT} when the database has tables
     * already; {@code INVALID}, naming the statement, when the server refuses one: an extension that is not installed
     * there, a role that may not.
     */
    public static void make(Database database, Definitions definitions) {
        String failure = "Cannot make the tables in " + database.displayName();
        try (Connection connection = database.connect()) {
            requireEmpty(connection, database);
            connection.setAutoCommit(false);
            // a function's text may name what is made after it
            Query.execute(connection, failure, "SET LOCAL check_function_bodies = off");
            for (Definition definition : definitions.statements()) {
                make(connection, definition);
            }
            connection.commit();
        } catch (SQLException e) {
            throw PostgresFailure.of(failure, e);
        }
    }

    /** Something that was made there in a hurry is worth more than a guess of ours. */
    private static void requireEmpty(Connection connection, Database database) {
        List<String> there = Catalogue.read(connection).tables().stream()
                .map(table -> table.name().toString())
                .toList();
        if (!there.isEmpty()) {
            throw ReinstateException.conflict(
                    "The tables cannot be made in " + database.displayName(),
                    "it has " + there.size() + " tables already, " + there.getFirst() + " among them",
                    "give an empty database; or leave the option out, if these are the tables to restore into");
        }
    }

    private static void make(Connection connection, Definition definition) {
        String failure = "Cannot make " + definition.name();
        try {
            Query.execute(connection, failure, definition.sql());
        } catch (ReinstateException e) {
            throw e.kind() == FailureKind.UNAVAILABLE
                    ? e
                    : new ReinstateException(
                            FailureKind.INVALID,
                            failure,
                            e.why(),
                            "nothing was made; let the server have what it lacks and run the command again",
                            e.details(),
                            e);
        }
    }
}

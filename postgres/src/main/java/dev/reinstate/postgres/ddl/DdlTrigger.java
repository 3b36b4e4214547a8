package dev.reinstate.postgres.ddl;

import dev.reinstate.model.ReinstateException;
import dev.reinstate.postgres.PostgresFailure;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.Sql;
import dev.reinstate.postgres.replication.SourceNames;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Installs, removes and looks for the event triggers of one store. */
public final class DdlTrigger {
    private static final String INSTALL = "install.sql";

    private final SourceNames names;

    public DdlTrigger(SourceNames names) {
        this.names = names;
    }

    /** Whether capture is told of DDL. */
    public enum State {
        ABSENT,
        INSTALLED,
        /** Of another version of this program, in parts, or switched off. */
        BROKEN
    }

    /** The schema the functions are in. */
    public String schema() {
        return names.slot() + "_ddl";
    }

    private List<String> triggers() {
        return List.of(names.slot() + "_command_end", names.slot() + "_drop", names.slot() + "_rewrite");
    }

    /** What {@link #install} runs, for a DBA to read and run. */
    public String installSql() {
        Map<String, String> values = Map.of(
                "${schema}", Sql.identifier(schema()),
                "${rowsText}", Sql.literal(names.rowsPublication()),
                "${rowsIdentifier}", Sql.literal(Sql.identifier(names.rowsPublication())),
                "${insertsIdentifier}", Sql.literal(Sql.identifier(names.insertsPublication())),
                "${commandEnd}", Sql.identifier(triggers().get(0)),
                "${drop}", Sql.identifier(triggers().get(1)),
                "${rewrite}", Sql.identifier(triggers().get(2)));
        String sql = template();
        for (Map.Entry<String, String> value : values.entrySet()) {
            sql = sql.replace(value.getKey(), value.getValue());
        }
        return sql + "COMMENT ON SCHEMA " + Sql.identifier(schema()) + " IS " + Sql.literal(comment()) + ";\n";
    }

    /** What {@link #remove} runs. */
    public String removeSql() {
        StringBuilder sql = new StringBuilder();
        triggers()
                .forEach(trigger -> sql.append("DROP EVENT TRIGGER IF EXISTS ")
                        .append(Sql.identifier(trigger))
                        .append(";\n"));
        return sql.append("DROP SCHEMA IF EXISTS ")
                .append(Sql.identifier(schema()))
                .append(" CASCADE;\n")
                .toString();
    }

    /** Installs them anew, in one transaction. {@code INVALID} without a superuser. */
    public void install(Connection connection) {
        requireSuperuser(
                connection, "install", "run `reinstate ddl-trigger --print` and let a DBA run the SQL it prints");
        inTransaction(connection, "Cannot install the event triggers", removeSql() + installSql());
    }

    /** Removes them; true when there were any. {@code INVALID} without a superuser. */
    public boolean remove(Connection connection) {
        if (state(connection) == State.ABSENT) {
            return false;
        }
        requireSuperuser(
                connection, "remove", "let a DBA run: " + removeSql().strip().replace('\n', ' '));
        inTransaction(connection, "Cannot remove the event triggers", removeSql());
        return true;
    }

    public State state(Connection connection) {
        String failure = "Cannot look for the event triggers";
        String comment = Query.first(
                        connection,
                        failure,
                        "SELECT coalesce(obj_description(oid, 'pg_namespace'), '') FROM pg_namespace WHERE nspname = ?",
                        row -> row.getString(1),
                        schema())
                .orElse("absent");
        long enabled = Query.one(
                connection,
                failure,
                "SELECT count(*) FROM pg_event_trigger WHERE evtname = ANY(?) AND evtenabled = 'A'",
                row -> row.getLong(1),
                (Object) triggers().toArray(String[]::new));
        if (comment.equals("absent") && enabled == 0) {
            return State.ABSENT;
        }
        return comment.equals(comment()) && enabled == triggers().size() ? State.INSTALLED : State.BROKEN;
    }

    private static String comment() {
        return "Reinstate: tells capture of DDL, version "
                + Integer.toHexString(template().hashCode());
    }

    private static void requireSuperuser(Connection connection, String verb, String next) {
        boolean isSuperuser = Query.one(
                connection,
                "Cannot look at this role",
                "SELECT rolsuper FROM pg_roles WHERE rolname = current_user",
                row -> row.getBoolean(1));
        if (!isSuperuser) {
            throw ReinstateException.invalid(
                    "Cannot " + verb + " the event triggers",
                    "PostgreSQL lets only a superuser have event triggers, and this role is none",
                    next + "; or name such a role in the URL");
        }
    }

    private static void inTransaction(Connection connection, String failure, String sql) {
        try {
            connection.setAutoCommit(false);
            try {
                Query.execute(connection, failure, sql);
                connection.commit();
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw PostgresFailure.of(failure, e);
        }
    }

    private static String template() {
        try (InputStream resource = Objects.requireNonNull(DdlTrigger.class.getResourceAsStream(INSTALL))) {
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

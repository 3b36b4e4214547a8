package dev.reinstate.postgres;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Says what a server or the driver reported as what, why and what next; never with a credential or a row's value. Codes
 * are those of PostgreSQL's documentation, appendix "PostgreSQL Error Codes".
 */
public final class PostgresFailure {
    private PostgresFailure() {}

    /** @param what what could not be done, for example {@code Cannot read the catalogue} */
    public static ReinstateException of(String what, SQLException cause) {
        String state = state(cause);
        return switch (state.length() < 2 ? "" : state.substring(0, 2)) {
            case "08" -> connection(what, state, cause);
            case "28" -> failure(FailureKind.INVALID, what, said(cause), "give the right user and password", cause);
            case "3D" -> failure(FailureKind.INVALID, what, said(cause), "name an existing database in the URL", cause);
            case "53" -> resources(what, state, cause);
            case "57" -> operator(what, state, cause);
            case "22" -> data(what, state, cause);
            case "23" -> constraint(what, state, cause);
            case "40" -> failure(FailureKind.CONFLICT, what, said(cause), "try again", cause);
            case "55" -> inUse(what, state, cause);
            case "25" -> transaction(what, state, cause);
            case "42" -> statement(what, state, cause);
            case "P0" ->
                withoutValues(FailureKind.CONFLICT, what, "a trigger or function of the database refused", cause);
            default -> unexpected(what, state, cause);
        };
    }

    /** The SQLSTATE; empty when the driver gives none. */
    public static String state(SQLException cause) {
        return Optional.ofNullable(cause.getSQLState()).orElse("");
    }

    private static ReinstateException connection(String what, String state, SQLException cause) {
        String said = said(cause);
        if (said.contains("unsupported startup parameter") || said.contains("pgbouncer")) {
            return failure(
                    FailureKind.INVALID,
                    what,
                    "a connection pooler answers there (" + said + ")",
                    "give the address of the PostgreSQL server itself",
                    cause);
        }
        if (state.equals("08004")) {
            return failure(
                    FailureKind.INVALID,
                    what,
                    said,
                    "give the password in a file, the environment or ~/.pgpass",
                    cause);
        }
        return failure(
                FailureKind.UNAVAILABLE,
                what,
                said,
                "check host, port, network and that the server runs, then try again",
                cause);
    }

    private static ReinstateException resources(String what, String state, SQLException cause) {
        String next = switch (state) {
            case "53100" -> "make room on the server's disk, then try again";
            case "53300" ->
                said(cause).contains("max_wal_senders")
                        ? "raise max_wal_senders (needs a restart) or end another replication connection"
                        : "end other connections or raise max_connections, then try again";
            case "53400" -> "raise the limit named (max_replication_slots needs a restart), then try again";
            default -> "free resources on the server, then try again";
        };
        return failure(FailureKind.UNAVAILABLE, what, said(cause), next, cause);
    }

    private static ReinstateException operator(String what, String state, SQLException cause) {
        String next = state.equals("57014")
                ? "find out who cancelled it (a DBA, a job that ends long statements), then try again"
                : "wait until the server is back, then try again";
        return failure(FailureKind.UNAVAILABLE, what, said(cause), next, cause);
    }

    private static ReinstateException inUse(String what, String state, SQLException cause) {
        return state.equals("55000")
                ? failure(
                        FailureKind.INVALID,
                        what,
                        said(cause),
                        "let a DBA change that, `reinstate init` prints what the server must allow",
                        cause)
                : failure(
                        FailureKind.CONFLICT, what, said(cause), "look at what else runs there, then try again", cause);
    }

    private static ReinstateException transaction(String what, String state, SQLException cause) {
        if (state.equals("25P03") || state.equals("25P04")) {
            return failure(
                    FailureKind.UNAVAILABLE,
                    what,
                    said(cause),
                    "find out who sets a timeout for this session's transactions, then try again",
                    cause);
        }
        if (!state.equals("25006")) {
            return unexpected(what, state, cause);
        }
        return failure(
                FailureKind.INVALID,
                what,
                said(cause) + ": the server is a standby, or the transaction was made read-only",
                "give the URL of the primary",
                cause);
    }

    private static ReinstateException statement(String what, String state, SQLException cause) {
        return switch (state) {
            case "42501" ->
                failure(
                        FailureKind.INVALID,
                        what,
                        said(cause),
                        "let an owner or DBA grant it, `reinstate init` prints the exact SQL",
                        cause);
            case "42P01", "42703", "3F000", "42704" ->
                failure(
                        FailureKind.CONFLICT,
                        what,
                        said(cause),
                        "compare the database's tables with the tenancy map",
                        cause);
            default -> unexpected(what, state, cause);
        };
    }

    private static ReinstateException unexpected(String what, String state, SQLException cause) {
        return failure(
                FailureKind.BUG,
                what,
                "SQLSTATE " + state + ", " + said(cause),
                "report it with the output of the command",
                cause);
    }

    private static ReinstateException data(String what, String state, SQLException cause) {
        String why = "a value is not accepted by " + place(cause) + " (SQLSTATE " + state + ")";
        return withoutValues(FailureKind.CONFLICT, what, why, cause);
    }

    private static ReinstateException constraint(String what, String state, SQLException cause) {
        String name = server(cause)
                .flatMap(m -> Optional.ofNullable(m.getConstraint()))
                .map(n -> "constraint " + n + " of ")
                .orElse("");
        String why = "rows would break " + name + place(cause) + " (SQLSTATE " + state + ")";
        return withoutValues(FailureKind.CONFLICT, what, why, cause);
    }

    /** The cause is left out on purpose: its text may hold values of a row. */
    private static ReinstateException withoutValues(FailureKind kind, String what, String why, SQLException cause) {
        String state = state(cause);
        return new ReinstateException(
                kind,
                what,
                why,
                "look at that table's definition and rows in the target",
                List.of("SQLSTATE " + state + " at " + place(cause)),
                null);
    }

    private static ReinstateException failure(
            FailureKind kind, String what, String why, String next, SQLException cause) {
        return new ReinstateException(kind, what, why, next, List.of(), cause);
    }

    private static String place(SQLException cause) {
        Optional<ServerErrorMessage> message = server(cause);
        String column = message.flatMap(m -> Optional.ofNullable(m.getColumn()))
                .map(c -> "." + c)
                .orElse("");
        return message.flatMap(m -> Optional.ofNullable(m.getTable()))
                .map(table -> "table "
                        + message.flatMap(m -> Optional.ofNullable(m.getSchema()))
                                .map(s -> s + ".")
                                .orElse("")
                        + table
                        + column)
                .orElse("the statement's table");
    }

    /** The server's own sentence without detail, hint and context; else the driver's. */
    private static String said(SQLException cause) {
        String text = server(cause)
                .flatMap(m -> Optional.ofNullable(m.getMessage()))
                .or(() -> Optional.ofNullable(cause.getMessage()))
                .orElse("the driver does not say why");
        String oneLine = text.strip().replaceAll("\\s+", " ");
        return oneLine.endsWith(".") ? oneLine.substring(0, oneLine.length() - 1) : oneLine;
    }

    private static Optional<ServerErrorMessage> server(SQLException cause) {
        return cause instanceof PSQLException e ? Optional.ofNullable(e.getServerErrorMessage()) : Optional.empty();
    }
}

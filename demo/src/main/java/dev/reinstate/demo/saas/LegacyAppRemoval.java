package dev.reinstate.demo.saas;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/**
 * The script that was to remove a legacy app and was handed the ids of sites. It does what it was written for,
 * thoroughly: some sites go with one statement and its cascades, some together in one transaction, some table by table
 * in transactions of their own.
 */
public final class LegacyAppRemoval {
    private static final String DEADLOCK = "40P01";
    private static final int ATTEMPTS = 10;

    private final DataSource database;
    private final InstantSource clock;

    public LegacyAppRemoval(DataSource database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** How the script goes about it. */
    public enum Way {
        /** One {@code DELETE} of the site; cascades do the rest. */
        AT_ONCE,
        /** The wiki's pages first, then the tracker's projects, then the site: three transactions. */
        STEP_BY_STEP
    }

    /**
     * One commit that deletes.
     *
     * @param description the statement, as a person would say it
     */
    public record Step(String description, List<String> statements) {}

    /** The transactions in which these sites go. */
    public static List<Step> steps(Way way, List<String> sites) {
        String ids = sites.stream()
                .map(site -> "'" + site.replace("'", "''") + "'")
                .collect(Collectors.joining(", ", "(", ")"));
        Step last = new Step("DELETE FROM public.site", List.of("DELETE FROM public.site WHERE id IN " + ids));
        return switch (way) {
            case AT_ONCE -> List.of(last);
            case STEP_BY_STEP ->
                List.of(
                        new Step("DELETE FROM wiki.page", List.of("""
                                DELETE FROM wiki.page WHERE space_id IN (SELECT id FROM wiki.space WHERE site_id IN %s)
                                """.formatted(ids))),
                        new Step(
                                "DELETE FROM tracker.comment, tracker.project",
                                List.of("""
                                        DELETE FROM tracker.comment WHERE issue_id IN (SELECT i.id FROM tracker.issue i
                                          JOIN tracker.project p ON p.id = i.project_id WHERE p.site_id IN %s)
                                        """.formatted(ids), "DELETE FROM tracker.project WHERE site_id IN " + ids)),
                        last);
        };
    }

    /**
     * Carries out one step.
     *
     * @param rows that its statements name; what cascades took is not counted by the server
     * @param committed when it was done
     */
    public record Done(long rows, long transaction, Instant committed) {}

    /** Runs a step as one transaction; comes again when it meets a user who writes to the same rows. */
    public Done run(Step step) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            try {
                return runOnce(step);
            } catch (SQLException e) {
                if (attempt == ATTEMPTS || !DEADLOCK.equals(e.getSQLState())) {
                    throw e;
                }
            }
        }
    }

    private Done runOnce(Step step) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            long rows = 0;
            for (String sql : step.statements()) {
                rows += statement.executeUpdate(sql);
            }
            long transaction = transactionId(statement);
            connection.commit();
            return new Done(rows, transaction, clock.instant());
        }
    }

    private static long transactionId(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT pg_current_xact_id()::text::bigint")) {
            row.next();
            return row.getLong(1);
        }
    }
}

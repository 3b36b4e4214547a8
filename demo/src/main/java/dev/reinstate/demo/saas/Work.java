package dev.reinstate.demo.saas;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * One transaction of a user at one site: runs statements and notes what they change, for the ledger. Rows that a cascade
 * would take are deleted by name first, so that the notes are exact. Not thread-safe.
 */
final class Work {
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz     0123456789äé,.;\"'\\\t\n";

    private static final int KEPT = 3;

    private final Connection connection;
    private final String site;
    private final SplittableRandom random;
    private final Supplier<String> sites;
    private final Map<Ledger.Entry, Long> changes = new HashMap<>();
    private final Map<String, Long> written = new HashMap<>();

    Work(Connection connection, String site, SplittableRandom random, Supplier<String> sites) {
        this.connection = connection;
        this.site = site;
        this.random = random;
        this.sites = sites;
    }

    String site() {
        return site;
    }

    /** This site and up to as many others that users write to, in order, so that two such transactions can meet. */
    SortedSet<String> severalSites(int count) {
        SortedSet<String> several = new TreeSet<>();
        several.add(site);
        for (int i = 1; i < count; i++) {
            several.add(sites.get());
        }
        return several;
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    /** Text of this many characters that hardly compresses. */
    String text(int length) {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return text.toString();
    }

    /** A page's body: short or, once in three, well above what stays in the row. */
    String body() {
        return below(3) == 0 ? text(8_500 + below(6_000)) : text(100 + below(900));
    }

    /** The first column of the first row. */
    Optional<Object> find(String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = prepare(sql, values);
                ResultSet row = statement.executeQuery()) {
            return row.next() ? Optional.ofNullable(row.getObject(1)) : Optional.empty();
        }
    }

    List<Object> findAll(String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = prepare(sql, values);
                ResultSet row = statement.executeQuery()) {
            List<Object> found = new ArrayList<>();
            while (row.next()) {
                found.add(row.getObject(1));
            }
            return found;
        }
    }

    /** Users do not delete the last few of a thing. */
    void requireMore(String sql, Object... values) throws SQLException {
        if (findAll(sql + " LIMIT " + (KEPT + 1), values).size() <= KEPT) {
            throw new NothingThere("more than " + KEPT);
        }
    }

    /** Inserts at this site. */
    int insert(String table, String sql, Object... values) throws SQLException {
        return insertAt(site, table, sql, values);
    }

    int insertAt(String otherSite, String table, String sql, Object... values) throws SQLException {
        return noted(otherSite, table, 1, execute(sql, values));
    }

    /** Inserts one row; the statement returns its id. */
    Object insertReturning(String table, String sql, Object... values) throws SQLException {
        Object id = find(sql, values).orElseThrow(() -> new NothingThere(table));
        noted(site, table, 1, 1);
        return id;
    }

    int delete(String table, String sql, Object... values) throws SQLException {
        return noted(site, table, -1, execute(sql, values));
    }

    int update(String sql, Object... values) throws SQLException {
        int rows = execute(sql, values);
        written.merge(site, (long) rows, Long::sum);
        return rows;
    }

    private int noted(String at, String table, int sign, int rows) {
        changes.merge(new Ledger.Entry(at, table), (long) sign * rows, Long::sum);
        written.merge(at, (long) rows, Long::sum);
        return rows;
    }

    private int execute(String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = prepare(sql, values)) {
            return statement.executeUpdate();
        }
    }

    private PreparedStatement prepare(String sql, Object... values) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
        return statement;
    }

    /** Rows inserted minus rows deleted. */
    Map<Ledger.Entry, Long> changes() {
        return changes;
    }

    /** Rows written in any way, by site. */
    Map<String, Long> written() {
        return written;
    }

    /** What the user wanted to write on is not there: the transaction is given up. */
    static final class NothingThere extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NothingThere(String what) {
            super(what);
        }
    }
}

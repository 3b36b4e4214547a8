package dev.reinstate.postgres;

import dev.reinstate.model.StoreIdentity;
import java.sql.Connection;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One database of a PostgreSQL server and how to reach it. Holds no connection; the password is asked for each time and
 * never kept, printed or logged.
 */
@SuppressWarnings({"DoNotCallSuggester", "ObjectToString"})
public final class Database {
    private final String url;
    private final Optional<String> user;
    private final Supplier<Optional<String>> password;

    private Database(String url, Optional<String> user, Supplier<Optional<String>> password) {
        this.url = url;
        this.user = user;
        this.password = password;
    }

    /**
     * @param url {@code jdbc:postgresql://host:port/database?…}; a {@code user} in it is honoured, {@code INVALID} when
     *     it is not such a URL
     * @param user empty: the URL's, or the operating system's
     * @param password empty: the URL's, or the driver's own {@code ~/.pgpass}
     */
    public static Database of(String url, Optional<String> user, Supplier<Optional<String>> password) {
        return new Database(url, user, password);
    }

    /** Whether a password stands in the URL, where a process list or a shell's history would show it. */
    public static boolean urlHoldsPassword(String url) {
        throw new UnsupportedOperationException(url);
    }

    /** {@code host:port/database}, safe to print. */
    public String displayName() {
        throw new UnsupportedOperationException();
    }

    /** The URL without a password, safe to print and to write into a file. */
    public String safeUrl() {
        throw new UnsupportedOperationException();
    }

    /**
     * A new session with pinned settings, auto-commit on. {@code INVALID} for wrong credentials or database or an
     * SQL_ASCII one, {@code UNAVAILABLE} for no network or no free connection.
     */
    public Connection connect() {
        throw new UnsupportedOperationException(url + user + password);
    }

    /** A new session that understands replication commands and nothing else. Fails as {@link #connect} does. */
    public Connection connectReplication() {
        throw new UnsupportedOperationException();
    }

    /** Which store this session is connected to. */
    public static StoreIdentity identity(Connection connection) {
        throw new UnsupportedOperationException(connection.toString());
    }

    /** The server's version as a number, {@code 180006} for 18.6. */
    public static int serverVersion(Connection connection) {
        throw new UnsupportedOperationException(connection.toString());
    }

    /** Whether the server is a standby, which can be read and not written. */
    public static boolean isStandby(Connection connection) {
        throw new UnsupportedOperationException(connection.toString());
    }

    @Override
    public String toString() {
        return displayName();
    }
}

package dev.reinstate.postgres;

import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.StoreIdentity;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/**
 * One database of a PostgreSQL server and how to reach it. Holds no connection; the password is asked for each time and
 * never kept, printed or logged.
 */
public final class Database {
    private static final Pattern SECRET = Pattern.compile("(?i)(^|[?&])(password|sslpassword)=[^&]*");
    private static final Pattern USER_INFO = Pattern.compile("//[^/@?]*@");

    /** Settings a user's URL may choose; every other setting of the driver is ours, because values' texts hang on it. */
    private static final Set<String> FROM_URL = Set.of(
            "user",
            "password",
            "passfile",
            "ssl",
            "sslmode",
            "sslcert",
            "sslkey",
            "sslpassword",
            "sslrootcert",
            "sslfactory",
            "sslnegotiation",
            "channelBinding",
            "gssEncMode",
            "targetServerType",
            "connectTimeout",
            "loginTimeout",
            "socketTimeout",
            "socketFactory",
            "socketFactoryArg",
            "requireAuth");

    /**
     * One text for one value, whatever the role, the database or this machine are set to; no end to a statement, a
     * transaction or a session because it takes long: reading a large table or bringing a large tenant back does; and
     * writes where a person has asked for them, as in a database that was set to read-only so that nobody else writes
     * meanwhile. How long to wait for locks stays as it is set.
     */
    private static final String PIN_SESSION = """
            SET statement_timeout = 0;
            SET client_encoding = 'UTF8';
            SET DateStyle = 'ISO, YMD';
            SET IntervalStyle = 'postgres';
            SET TimeZone = 'UTC';
            SET extra_float_digits = 3;
            SET bytea_output = 'hex';
            SET lc_monetary = 'C';
            SET xmloption = 'content';
            SET search_path = '';
            SET standard_conforming_strings = on;
            SET array_nulls = on;
            SET quote_all_identifiers = off;
            SET row_security = off;
            SET client_min_messages = 'warning';
            SET idle_in_transaction_session_timeout = 0;
            SET idle_session_timeout = 0;
            SET default_transaction_read_only = off;
            SELECT set_config(name, '0', false) FROM pg_catalog.pg_settings WHERE name = 'transaction_timeout';
            """;

    private final Properties urlSettings;
    private final String address;
    private final String displayName;
    private final String safeUrl;
    private final Optional<String> user;
    private final Supplier<Optional<String>> password;

    private Database(String url, Properties parsed, Optional<String> user, Supplier<Optional<String>> password) {
        List<String> hosts = hosts(parsed);
        String name = parsed.getProperty("PGDBNAME", "");
        this.urlSettings = parsed;
        this.address = "jdbc:postgresql://" + String.join(",", hosts) + "/"
                + URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
        this.displayName = String.join(",", hosts) + "/" + name;
        this.safeUrl = withoutSecrets(url);
        this.user = user;
        this.password = password;
    }

    /**
     * @param url {@code jdbc:postgresql://host:port/database?…}; a {@code user} in it is honoured; {@code INVALID} when
     *     it is not such a URL
     * @param user empty: the URL's, or the operating system's
     * @param password empty: the URL's, or the driver's own {@code ~/.pgpass}
     */
    public static Database of(String url, Optional<String> user, Supplier<Optional<String>> password) {
        Properties parsed = USER_INFO.matcher(url).find() ? null : Driver.parseURL(url, null);
        if (parsed == null || parsed.getProperty("PGDBNAME", "").isEmpty()) {
            throw ReinstateException.invalid(
                    "\"" + withoutSecrets(url) + "\" is not a database's URL",
                    "a store is named as jdbc:postgresql://host:port/database",
                    "write it so, with user and password given apart from it");
        }
        return new Database(url, parsed, user, password);
    }

    /** Whether a password stands in the URL, where a process list or a shell's history would show it. */
    public static boolean urlHoldsPassword(String url) {
        return SECRET.matcher(url).find()
                || USER_INFO
                        .matcher(url)
                        .results()
                        .anyMatch(match -> match.group().indexOf(':') > 0);
    }

    private static String withoutSecrets(String url) {
        String withoutUser = USER_INFO.matcher(url).replaceAll("//");
        String bare = SECRET.matcher(withoutUser).replaceAll("$1").replaceAll("&{2,}", "&");
        return bare.replace("?&", "?").replaceAll("[?&]$", "");
    }

    private static List<String> hosts(Properties parsed) {
        String[] names = parsed.getProperty("PGHOST", "localhost").split(",", -1);
        String[] ports = parsed.getProperty("PGPORT", "5432").split(",", -1);
        List<String> hosts = new ArrayList<>();
        for (int i = 0; i < names.length; i++) {
            boolean bareIpv6 = names[i].indexOf(':') >= 0 && !names[i].startsWith("[");
            hosts.add((bareIpv6 ? "[" + names[i] + "]" : names[i]) + ":" + ports[Math.min(i, ports.length - 1)]);
        }
        return hosts;
    }

    /** {@code host:port/database}, safe to print. */
    public String displayName() {
        return displayName;
    }

    /** The URL without a password, safe to print and to write into a file. */
    public String safeUrl() {
        return safeUrl;
    }

    /**
     * A new session with pinned settings, auto-commit on. {@code INVALID} for wrong credentials or database or an
     * SQL_ASCII one, {@code UNAVAILABLE} for no network or no free connection.
     */
    public Connection connect() {
        return connect(settings());
    }

    /** A new session that understands replication commands and simple queries. Fails as {@link #connect} does. */
    public Connection connectReplication() {
        Properties settings = settings();
        settings.setProperty("replication", "database");
        settings.setProperty("preferQueryMode", "simple");
        return connect(settings);
    }

    private Connection connect(Properties settings) {
        String failure = "Cannot connect to " + displayName;
        try {
            Connection connection = open(settings);
            try {
                pin(connection, failure);
                return connection;
            } catch (RuntimeException e) {
                connection.close();
                throw e;
            }
        } catch (SQLException e) {
            throw PostgresFailure.of(failure, e);
        }
    }

    private Connection open(Properties settings) throws SQLException {
        @Nullable Connection connection = new Driver().connect(address, settings);
        if (connection == null) {
            throw ReinstateException.bug("Cannot connect to " + displayName, "the driver does not know its own URL");
        }
        return connection;
    }

    private void pin(Connection connection, String failure) {
        String encoding =
                Query.one(connection, failure, "SELECT current_setting('server_encoding')", row -> row.getString(1));
        if (encoding.equals("SQL_ASCII")) {
            throw ReinstateException.invalid(
                    failure,
                    "the database's encoding is SQL_ASCII, so nobody knows which characters its bytes mean",
                    "convert it to a database with a real encoding, such as UTF8");
        }
        Query.execute(connection, failure, PIN_SESSION);
    }

    private Properties settings() {
        Properties settings = new Properties();
        settings.setProperty("connectTimeout", "10");
        settings.setProperty("loginTimeout", "30");
        urlSettings.stringPropertyNames().stream()
                .filter(FROM_URL::contains)
                .forEach(name -> settings.setProperty(name, urlSettings.getProperty(name)));
        user.ifPresent(name -> settings.setProperty("user", name));
        password.get().ifPresent(secret -> settings.setProperty("password", secret));
        settings.setProperty("ApplicationName", "reinstate");
        settings.setProperty("assumeMinServerVersion", "14");
        settings.setProperty("autosave", "never");
        settings.setProperty("defaultRowFetchSize", "500");
        settings.setProperty("logServerErrorDetail", "false");
        settings.setProperty("tcpKeepAlive", "true");
        return settings;
    }

    /** Which store this session is connected to. */
    public static StoreIdentity identity(Connection connection) {
        return Query.one(
                connection,
                "Cannot tell which server this is",
                """
                SELECT (SELECT system_identifier FROM pg_control_system()) AS system_identifier,
                       CASE WHEN pg_is_in_recovery()
                            THEN (SELECT timeline_id FROM pg_control_checkpoint())
                            ELSE ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int
                       END AS timeline,
                       current_database() AS database
                """,
                row -> new StoreIdentity(
                        row.getLong("system_identifier"), row.getInt("timeline"), row.getString("database")));
    }

    /** The server's version as a number, {@code 180006} for 18.6. */
    public static int serverVersion(Connection connection) {
        return Query.one(
                connection,
                "Cannot tell the server's version",
                "SELECT current_setting('server_version_num')::int",
                row -> row.getInt(1));
    }

    /** Whether the server is a standby, which can be read and not written. */
    public static boolean isStandby(Connection connection) {
        return Query.one(
                connection,
                "Cannot tell a standby from a primary",
                "SELECT pg_is_in_recovery()",
                row -> row.getBoolean(1));
    }

    @Override
    public String toString() {
        return displayName;
    }
}

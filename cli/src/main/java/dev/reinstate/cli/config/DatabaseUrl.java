package dev.reinstate.cli.config;

import dev.reinstate.model.ReinstateException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Where a database is, without credentials.
 *
 * @param jdbc {@code jdbc:postgresql://host:port/database?options}, holding neither user nor password
 * @param user the user that stood in the URL
 */
public record DatabaseUrl(String jdbc, Optional<String> user) {
    private static final List<String> SECRET_OPTIONS = List.of("password", "sslpassword");

    /**
     * Reads a JDBC URL or a {@code postgresql://} one. One with a password in it is {@code INVALID}: every user of the
     * machine would see it in the process list. The text is never repeated in a message.
     */
    public static DatabaseUrl parse(String text) {
        String url = text.strip();
        String rest = afterScheme(url);
        int question = rest.indexOf('?');
        String place = question < 0 ? rest : rest.substring(0, question);
        Optional<String> user = Optional.empty();
        int at = place.lastIndexOf('@');
        if (at >= 0) {
            String credentials = place.substring(0, at);
            if (credentials.indexOf(':') >= 0) {
                throw passwordInUrl();
            }
            user = Optional.of(decoded(credentials)).filter(name -> !name.isEmpty());
            place = place.substring(at + 1);
        }
        List<String> options = new ArrayList<>();
        for (String option :
                question < 0 ? new String[0] : rest.substring(question + 1).split("&", -1)) {
            String name = option.substring(0, Math.max(0, option.indexOf('='))).toLowerCase(Locale.ROOT);
            if (SECRET_OPTIONS.contains(name)) {
                throw passwordInUrl();
            }
            if (name.equals("user")) {
                user = Optional.of(decoded(option.substring(option.indexOf('=') + 1)));
            } else if (!option.isEmpty()) {
                options.add(option);
            }
        }
        requireDatabase(place);
        String query = options.isEmpty() ? "" : "?" + String.join("&", options);
        return new DatabaseUrl("jdbc:postgresql://" + place + query, user);
    }

    private static String afterScheme(String url) {
        for (String scheme : List.of("jdbc:postgresql://", "postgresql://", "postgres://")) {
            if (url.startsWith(scheme)) {
                return url.substring(scheme.length());
            }
        }
        throw ReinstateException.invalid(
                "The database URL is not one of PostgreSQL",
                "it must begin with jdbc:postgresql:// or postgresql://",
                "write it as jdbc:postgresql://host:5432/database");
    }

    private static void requireDatabase(String place) {
        int slash = place.indexOf('/');
        if (slash < 0 || slash == place.length() - 1) {
            throw ReinstateException.invalid(
                    "The database URL names no database",
                    "a store is one database, and a missing name would silently mean another one",
                    "write it as jdbc:postgresql://host:5432/database");
        }
    }

    private static ReinstateException passwordInUrl() {
        return ReinstateException.invalid(
                "A password stands in the database URL",
                "command lines are visible to every user of this machine and end in logs and shell histories",
                "take it out of the URL (and change it, if others use this machine); give it in the environment as"
                        + " REINSTATE_PASSWORD, in a file with --password-file, or in ~/.pgpass");
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}

package dev.reinstate.cli.coverage;

import dev.reinstate.model.ReinstateException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.json.JsonMapper;

/**
 * A picture of the tables in one file that needs no other: style, script and data stand in it, and its policy lets the
 * browser run just those and load nothing. It holds names and estimates, no rows and no credentials.
 */
public final class CoveragePage {
    private static final Pattern PLACE = Pattern.compile("@([A-Z]+)@");

    private CoveragePage() {}

    /** Writes it, over an older one. */
    public static void write(Path file, Coverage coverage) {
        Path absolute = file.toAbsolutePath();
        Path temporary = absolute.resolveSibling(absolute.getFileName() + ".new");
        try {
            Files.writeString(temporary, html(coverage));
            Files.move(temporary, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw ReinstateException.unavailable(
                    file + " cannot be written",
                    e.getClass().getSimpleName(),
                    "check the folder and the space on its disk, or name another file with --report",
                    e);
        }
    }

    static String html(Coverage coverage) {
        String style = resource("page.css");
        String script = resource("page.js");
        String policy = "default-src 'none'; style-src '" + hash(style) + "'; script-src '" + hash(script)
                + "'; base-uri 'none'; form-action 'none'";
        Map<String, String> parts = Map.of(
                "POLICY", policy,
                "TITLE", escaped("Coverage of " + coverage.database()),
                "STYLE", style,
                "SCRIPT", script,
                "DATA", data(coverage));
        return PLACE.matcher(resource("page.html"))
                .replaceAll(place -> Matcher.quoteReplacement(parts.getOrDefault(place.group(1), place.group())));
    }

    /** JSON that ends no script element, whatever a table is called. */
    private static String data(Coverage coverage) {
        return JsonMapper.shared().writeValueAsString(PageDocument.of(coverage)).replace("<", "\\u003c");
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "sha256-" + Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static String resource(String name) {
        try (InputStream in = CoveragePage.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is not in the program");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

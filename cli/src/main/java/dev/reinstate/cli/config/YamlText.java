package dev.reinstate.cli.config;

import java.util.Locale;
import java.util.regex.Pattern;

/** Texts as every YAML reader, of 1.1 and 1.2, reads them back. */
final class YamlText {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z_./][A-Za-z0-9_./$@=&?>,:() -]*");
    private static final Pattern WORD =
            Pattern.compile("(?i)y|n|yes|no|on|off|true|false|null|[._]+|\\.(nan|inf)|\\.[0-9_.e-]*");

    private YamlText() {}

    /** Plain where YAML cannot misread it, double-quoted otherwise. */
    static String scalar(String text) {
        boolean plain = PLAIN.matcher(text).matches()
                && !text.contains(": ")
                && !text.endsWith(":")
                && !text.endsWith(" ")
                && !WORD.matcher(text).matches();
        return plain || text.matches("[0-9]+(ms|MB|B)") ? text : quoted(text);
    }

    static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            if (c == '"' || c == '\\') {
                quoted.append('\\').appendCodePoint(c);
            } else if (isUnsafe(c)) {
                quoted.append(String.format(Locale.ROOT, "\\u%04x", c));
            } else {
                quoted.appendCodePoint(c);
            }
        });
        return quoted.append('"').toString();
    }

    /** One line of a comment. */
    static String comment(String text) {
        StringBuilder line = new StringBuilder("# ");
        text.codePoints().forEach(c -> line.appendCodePoint(isUnsafe(c) ? ' ' : c));
        return line.toString();
    }

    /** Control characters, line ends, and what no file may hold. */
    private static boolean isUnsafe(int c) {
        return Character.isISOControl(c)
                || c == 0x2028
                || c == 0x2029
                || c == 0xFEFF
                || c == 0xFFFE
                || c == 0xFFFF
                || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }
}

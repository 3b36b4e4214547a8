package dev.reinstate.restore.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The text of an array of an enumeration's labels, as PostgreSQL writes arrays: any dimensions, bounds and NULLs. */
public final class LabelArray {
    private static final Pattern ELEMENT = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"|[^{},\"]+", Pattern.DOTALL);
    private static final Pattern ESCAPED = Pattern.compile("\\\\(.)", Pattern.DOTALL);
    private static final Pattern SPECIAL = Pattern.compile("[{},\"\\\\ \\t\\n\\r\\x0B\\f]");

    private LabelArray() {}

    /** The same array with other labels; each that is not NULL is asked for. */
    public static String map(String array, UnaryOperator<String> label) {
        int start = Math.max(array.indexOf('{'), 0); // before it, bounds: [0:1]={a,b}
        Matcher matcher = ELEMENT.matcher(array).region(start, array.length());
        StringBuilder mapped = new StringBuilder(array.length());
        while (matcher.find()) {
            String element = matcher.group();
            String now = isNull(element) ? element : quoted(label.apply(unquoted(element)));
            matcher.appendReplacement(mapped, Matcher.quoteReplacement(now));
        }
        return matcher.appendTail(mapped).toString();
    }

    /** Its labels, in order. */
    public static List<String> labels(String array) {
        List<String> labels = new ArrayList<>();
        map(array, label -> {
            labels.add(label);
            return label;
        });
        return labels;
    }

    private static boolean isNull(String element) {
        return element.equalsIgnoreCase("NULL");
    }

    private static String unquoted(String element) {
        return element.startsWith("\"")
                ? ESCAPED.matcher(element.substring(1, element.length() - 1)).replaceAll("$1")
                : element;
    }

    private static String quoted(String label) {
        boolean plain =
                !label.isEmpty() && !isNull(label) && !SPECIAL.matcher(label).find();
        return plain ? label : "\"" + label.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}

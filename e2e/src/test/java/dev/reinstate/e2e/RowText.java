package dev.reinstate.e2e;

import dev.reinstate.archive.FoldedRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A row as one line of {@code column=value} in COPY's escapes, the same for a row asked of the server and one folded
 * from the archive.
 */
public final class RowText {
    private final List<String> fields = new ArrayList<>();

    /** @param text as COPY writes it, escapes included */
    void addCopied(String column, String text) {
        fields.add(column + "=" + text);
    }

    void add(String column, Optional<String> value) {
        addCopied(column, value.map(RowText::escape).orElse("\\N"));
    }

    static String of(FoldedRow row) {
        RowText text = new RowText();
        for (int i = 0; i < row.tuple().columnCount(); i++) {
            text.add(row.table().columns().get(i).name(), row.tuple().text(i));
        }
        return text.toString();
    }

    /** As COPY writes a value. */
    public static String escape(String value) {
        return value.replace("\\", "\\\\")
                .replace("\b", "\\b")
                .replace("\f", "\\f")
                .replace("\n", "\\n")
                .replace("\r", "\\r")
                .replace("\t", "\\t")
                .replace("\u000b", "\\v");
    }

    /** In the order of the columns' names, whatever order they came in. */
    @Override
    public String toString() {
        return String.join("\t", fields.stream().sorted().toList());
    }
}

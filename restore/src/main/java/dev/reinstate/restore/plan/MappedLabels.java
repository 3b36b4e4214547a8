package dev.reinstate.restore.plan;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.model.Definition;
import dev.reinstate.model.NearNames;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.restore.schema.SchemaChoices;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What was said about labels of enumerations and no row of then has: perhaps it was typed wrongly. */
final class MappedLabels {
    private static final Pattern LITERAL = Pattern.compile("(E?)'((?:[^']|'')*)'", Pattern.DOTALL);

    private final ArchiveReader archive;
    private final RestoreRequest request;

    MappedLabels(ArchiveReader archive, RestoreRequest request) {
        this.archive = archive;
        this.request = request;
    }

    /**
     * Notes on labels of which nobody knows whether they were any. {@code INVALID}, with names near it, for one that the
     * archive knows to be none.
     *
     * @param met labels that rows of then have, each behind its type and a dot
     */
    List<String> check(SchemaChoices choices, Set<String> met) {
        List<String> notes = new ArrayList<>();
        choices.mappedTypes()
                .forEach(type -> choices.labels(type).keySet().stream()
                        .filter(label -> !met.contains(type + "." + label))
                        .forEach(label -> check(type, label, notes)));
        return notes;
    }

    private void check(String type, String label, List<String> notes) {
        Optional<List<String>> then = labelsThen(type);
        if (then.isEmpty()) {
            notes.add("--map-label " + type + "." + label + ": no row of then has that label, and the archive does not"
                    + " know whether it was one; it may be typed wrongly");
        } else if (!then.get().contains(label)) {
            List<String> near = NearNames.of(label, then.get());
            throw ReinstateException.invalid(
                    "--map-label " + type + "." + label + " is about no label of then",
                    type + " had the labels " + String.join(", ", then.get())
                            + (near.isEmpty() ? "" : "; near it: " + String.join(", ", near)),
                    "name the label as it was then, or leave the option out: no row of then has it");
        }
    }

    private Optional<List<String>> labelsThen(String type) {
        return archive.definitionsAt(request.position()).stream()
                .flatMap(definitions -> definitions.statements().stream())
                .filter(statement -> statement.name().equals("type " + type))
                .map(Definition::sql)
                .filter(sql -> sql.startsWith("CREATE TYPE " + type + " AS ENUM ("))
                .map(sql -> literals(sql.substring(("CREATE TYPE " + type + " AS ENUM (").length())))
                .findFirst();
    }

    /** As {@code quote_literal} writes them. */
    private static List<String> literals(String sql) {
        List<String> labels = new ArrayList<>();
        Matcher matcher = LITERAL.matcher(sql);
        while (matcher.find()) {
            String text = matcher.group(2).replace("''", "'");
            labels.add(matcher.group(1).isEmpty() ? text : text.replace("\\\\", "\\"));
        }
        return labels;
    }
}

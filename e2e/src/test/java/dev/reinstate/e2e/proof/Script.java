package dev.reinstate.e2e.proof;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A history as SQL for a person, who may send it with psql. */
final class Script {
    private Script() {}

    static Path write(Path file, Shrinker.Small history, List<Difference> differences) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add("-- What differs between plain SQL and the archive afterwards:");
        differences.forEach(difference -> lines.add("--   " + difference.text().replace("\n", "\\n")));
        history.schema().reset();
        history.schema().tables().forEach(table -> lines.add("-- " + table.name + " belongs by: " + belonging(table)));
        history.schema().ddl().forEach(statement -> lines.add(statement + ";"));
        int session = 1;
        for (Step step : history.steps()) {
            if (step.actor() == Step.CAPTURE) {
                lines.add("-- capture: " + step.sql());
                continue;
            }
            if (step.actor() != session) {
                session = step.actor();
                lines.add("-- session " + session);
            }
            step.against()
                    .ifPresent(other -> lines.add(
                            "-- before, in session " + other.actor() + ", which waits: " + other.sql() + ";"));
            lines.add(step.sql().startsWith("COPY ") ? copy(step.sql()) : step.sql() + ";");
        }
        return Files.write(file, lines).toAbsolutePath();
    }

    private static String copy(String sql) {
        int lines = sql.indexOf('\n');
        return sql.substring(0, lines) + ";" + sql.substring(lines) + "\\.";
    }

    private static String belonging(ProofTable table) {
        return switch (table.belonging) {
            case Belonging.Tenant tenant -> "its key, the tenant's id";
            case Belonging.Column column -> "its column " + column.column();
            case Belonging.Path path -> path.columns() + " of " + path.parent().name + " " + path.parentColumns();
            case Belonging.Several several ->
                "the first that is set of "
                        + several.paths().stream().map(Belonging.Path::columns).toList();
            case Belonging.Type type -> type.typeColumn() + " and " + type.idColumn();
            case Belonging.Schema schema -> "its schema";
            case Belonging.Shared shared -> "nothing, it is shared";
        };
    }
}

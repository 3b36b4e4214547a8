package dev.reinstate.restore.schema;

import dev.reinstate.model.TableVersion;
import java.util.List;

/**
 * What is known and decided about changes of the schema between then and now.
 *
 * @param options what a person has decided
 * @param history what the archive knows of the source's catalogue, oldest first
 * @param lost what of that history cannot be read any more, a line each
 * @param sameStore whether the database is the archive's store itself
 */
public record SchemaKnowledge(SchemaOptions options, List<TableVersion> history, List<String> lost, boolean sameStore) {
    /** Names are all that is known. */
    public static final SchemaKnowledge NONE = new SchemaKnowledge(SchemaOptions.NONE, List.of(), List.of(), false);

    public SchemaKnowledge {
        history = List.copyOf(history);
        lost = List.copyOf(lost);
    }

    /** Whether nothing of the history is lost. */
    boolean isWhole() {
        return lost.isEmpty();
    }
}

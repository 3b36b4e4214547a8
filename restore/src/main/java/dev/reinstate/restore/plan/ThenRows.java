package dev.reinstate.restore.plan;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveReader.RowStream;
import dev.reinstate.archive.FoldedRow;
import dev.reinstate.model.Column;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.restore.plan.SchemaEffect.Kind;
import dev.reinstate.restore.schema.SchemaChoices;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * A tenant's rows of then as rows of today's tables: under the names that tables and columns have now, as far as these
 * are known or were decided. Not thread-safe.
 */
public final class ThenRows {
    private final ArchiveReader archive;
    private final TargetTables target;
    private final RestoreRequest request;
    private final Map<TableSchema, TableSchema> renamed = new HashMap<>();
    private final SortedMap<String, SchemaEffect> effects = new TreeMap<>();

    public ThenRows(ArchiveReader archive, TargetTables target, RestoreRequest request) {
        this.archive = archive;
        this.target = target;
        this.request = request;
    }

    /** Those of tables, by the names of now, that are asked for; sorted as {@link ArchiveReader#fold} has them. */
    RowStream fold(Predicate<TableName> tables) {
        SchemaChoices choices = target.choices();
        Lsn position = request.position();
        RowStream rows = archive.fold(Partition.of(request.tenant()), position, then -> tables.test(choices.now(then)));
        return new RowStream() {
            @Override
            public boolean hasNext() {
                return rows.hasNext();
            }

            @Override
            public FoldedRow next() {
                FoldedRow row = rows.next();
                TableSchema now = renamed.computeIfAbsent(row.table(), ThenRows.this::rename);
                return now.equals(row.table()) ? row : new FoldedRow(now, row.key(), row.tuple());
            }

            @Override
            public void close() {
                rows.close();
            }
        };
    }

    /** What changes of the schema meant for the rows read so far. */
    List<SchemaEffect> effects() {
        return List.copyOf(effects.values());
    }

    private TableSchema rename(TableSchema then) {
        TableName now = target.choices().now(then.name());
        if (!now.equals(then.name())) {
            note(new SchemaEffect(
                    Kind.TABLE_RENAMED,
                    now,
                    "",
                    0,
                    now + ": was called " + then.name() + "; rows of then go there, as --map says"));
        }
        SortedMap<String, String> names = target.choices().columns(now);
        List<Column> columns = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        for (Column column : then.columns()) {
            String name = names.getOrDefault(column.name(), column.name());
            if (!taken.add(name)) {
                throw ReinstateException.invalid(
                        "Two columns of " + then.name() + " would become " + name,
                        "rows of then have "
                                + then.columns().stream().map(Column::name).toList(),
                        "map the other one too");
            }
            if (!name.equals(column.name())) {
                note(new SchemaEffect(
                        Kind.COLUMN_RENAMED,
                        now,
                        name,
                        0,
                        now + "." + name + ": was called " + column.name()
                                + "; values of then go there, as --map says"));
            }
            columns.add(new Column(column.attnum(), name, column.typeOid(), column.typeName()));
        }
        return new TableSchema(then.oid(), now, columns, then.keyColumns());
    }

    private void note(SchemaEffect effect) {
        effects.put(effect.message(), effect);
    }
}

package dev.reinstate.restore.export;

import dev.reinstate.model.Column;
import dev.reinstate.model.TableName;
import dev.reinstate.model.Tuple;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Rows and values saved as files before they are changed, deleted or left behind: {@code replaced.sql} has live rows,
 * {@code left-out.sql} values of then. Makes no file while there is none to save. The files are durable and have their
 * names when {@link #publish} returns.
 */
public final class SavedRows implements AutoCloseable {
    private final Path directory;
    private final Kept replaced = new Kept("replaced.sql");
    private final Kept leftOut = new Kept("left-out.sql");
    private @Nullable NewDirectory created;

    /** @param directory a name that is not taken */
    public SavedRows(Path directory) {
        this.directory = directory;
    }

    /** Saves those columns' values of a live row, which it begins with. */
    public void addReplaced(TableName table, List<String> columns, Tuple row) {
        replaced.add(table, columns, row.first(columns.size()));
    }

    /** Saves values of then under those columns' names. */
    public void addLeftOut(TableName table, List<String> columns, Tuple values) {
        leftOut.add(table, columns, values);
    }

    private NewDirectory directory() {
        if (created == null) {
            created = NewDirectory.create(directory);
        }
        return created;
    }

    /** Where they were saved; empty when there were none. */
    public Optional<Path> publish() {
        NewDirectory target = created;
        if (target == null) {
            return Optional.empty();
        }
        try {
            replaced.finish();
            leftOut.finish();
            return Optional.of(target.publish());
        } catch (IOException e) {
            throw NewDirectory.failed(directory, e);
        }
    }

    /** Removes what was not published. Never fails: what it is closed after may have been committed. */
    @Override
    public void close() {
        replaced.abandon();
        leftOut.abandon();
        if (created != null) {
            created.close();
        }
    }

    /** One file, a block for every run of rows of one table and one list of columns. */
    private final class Kept {
        private final String name;
        private @Nullable OutputStream output;
        private @Nullable RowWriter block;
        private @Nullable TableName table;
        private List<String> columns = List.of();

        Kept(String name) {
            this.name = name;
        }

        void add(TableName ofTable, List<String> ofColumns, Tuple row) {
            try {
                writer(ofTable, ofColumns).add(row);
            } catch (IOException e) {
                throw NewDirectory.failed(directory, e);
            }
        }

        private RowWriter writer(TableName ofTable, List<String> ofColumns) throws IOException {
            RowWriter open = block;
            if (open != null && ofTable.equals(table) && ofColumns.equals(columns)) {
                return open;
            }
            endBlock();
            OutputStream file = output == null ? directory().newFile(name) : output;
            output = file;
            List<Column> described = ofColumns.stream()
                    .map(column -> new Column(0, column, 0, "text"))
                    .toList();
            RowWriter begun = RowWriter.of(ExportFormat.SQL, file, ofTable, described);
            begun.begin();
            block = begun;
            table = ofTable;
            columns = List.copyOf(ofColumns);
            return begun;
        }

        private void endBlock() throws IOException {
            if (block != null) {
                block.end();
                block = null;
            }
        }

        void finish() throws IOException {
            endBlock();
            if (output != null) {
                output.close();
                output = null;
            }
        }

        void abandon() {
            try {
                if (output != null) {
                    output.close();
                    output = null;
                }
            } catch (IOException e) {
                // it was not to be kept anyway
            }
        }
    }
}

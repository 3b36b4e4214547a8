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
 * Live rows saved as a file before they are changed or deleted. Makes no file while there is none to save. The file is
 * durable and has its name when {@link #publish} returns.
 */
public final class SavedRows implements AutoCloseable {
    private final Path directory;
    private @Nullable NewDirectory created;
    private @Nullable OutputStream output;
    private @Nullable RowWriter block;

    /** @param directory a name that is not taken */
    public SavedRows(Path directory) {
        this.directory = directory;
    }

    public void beginTable() {
        try {
            endBlock();
        } catch (IOException e) {
            throw NewDirectory.failed(directory, e);
        }
    }

    /** Saves those columns' values, which a row begins with. */
    public void add(TableName table, List<String> columns, Tuple row) {
        try {
            RowWriter writer = block == null ? beginBlock(table, columns) : block;
            writer.add(row.first(columns.size()));
        } catch (IOException e) {
            throw NewDirectory.failed(directory, e);
        }
    }

    private RowWriter beginBlock(TableName table, List<String> columns) throws IOException {
        if (output == null) {
            NewDirectory target = NewDirectory.create(directory);
            created = target;
            output = target.newFile("replaced.sql");
        }
        List<Column> described =
                columns.stream().map(name -> new Column(0, name, 0, "text")).toList();
        RowWriter writer = RowWriter.of(ExportFormat.SQL, output, table, described);
        writer.begin();
        block = writer;
        return writer;
    }

    private void endBlock() throws IOException {
        if (block != null) {
            block.end();
            block = null;
        }
    }

    /** Where they were saved; empty when there were none. */
    public Optional<Path> publish() {
        NewDirectory target = created;
        if (target == null || output == null) {
            return Optional.empty();
        }
        try {
            endBlock();
            output.close();
            output = null;
            return Optional.of(target.publish());
        } catch (IOException e) {
            throw NewDirectory.failed(directory, e);
        }
    }

    /** Removes what was not published. Never fails: what it is closed after may have been committed. */
    @Override
    public void close() {
        try {
            if (output != null) {
                output.close();
                output = null;
            }
        } catch (IOException e) {
            // it was not to be kept anyway
        } finally {
            if (created != null) {
                created.close();
            }
        }
    }
}

package dev.reinstate.bench.peer;

import dev.reinstate.bench.load.TenantRows;
import dev.reinstate.bench.server.Database;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/** Rows of one tenant kept as files of {@code COPY} text, and put back with nothing but {@code COPY FROM}. */
public final class PlainCopy {
    private final List<Part> parts;

    private PlainCopy(List<Part> parts) {
        this.parts = parts;
    }

    /**
     * One table's rows.
     *
     * @param table to copy to
     * @param file holding them
     */
    private record Part(String table, Path file, long rows) {}

    /** Keeps the selected rows, in primary-key order as they lie, table after table. */
    public static PlainCopy keep(Database database, List<TenantRows> tables, Path folder)
            throws SQLException, IOException {
        List<Part> parts = new ArrayList<>();
        try (Connection connection = database.connect()) {
            CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
            for (TenantRows rows : tables) {
                Path file = folder.resolve(rows.table() + ".copy");
                String sql = "COPY (SELECT * FROM %s WHERE %s ORDER BY 1) TO STDOUT"
                        .formatted(rows.table(), rows.condition());
                try (OutputStream out = Files.newOutputStream(file)) {
                    parts.add(new Part(rows.table(), file, copy.copyOut(sql, out)));
                }
            }
        }
        return new PlainCopy(parts);
    }

    public long rows() {
        return parts.stream().mapToLong(Part::rows).sum();
    }

    public long sizeBytes() throws IOException {
        long sum = 0;
        for (Part part : parts) {
            sum += Files.size(part.file());
        }
        return sum;
    }

    /** Puts the rows back in one transaction, foreign keys off, and says how long that took, commit included. */
    public Duration load(Database database) throws SQLException, IOException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
            long start = System.nanoTime();
            statement.execute("SET LOCAL session_replication_role = replica");
            for (Part part : parts) {
                try (InputStream in = Files.newInputStream(part.file())) {
                    copy.copyIn("COPY " + part.table() + " FROM STDIN", in, 1 << 16);
                }
            }
            connection.commit();
            return Duration.ofNanos(System.nanoTime() - start);
        }
    }
}

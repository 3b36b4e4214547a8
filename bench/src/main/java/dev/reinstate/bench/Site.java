package dev.reinstate.bench;

import dev.reinstate.bench.server.BenchServer;
import java.nio.file.Path;

/**
 * Where benches run.
 *
 * @param server that holds their databases
 * @param folder for logs, archives and rows; each bench makes one of its own in it
 * @param benchFolder the module's folder, where peers may lie
 * @param rounds how often to measure
 * @param percent of the full size to run at; below 100 the numbers are for trying the bench out
 */
public record Site(BenchServer server, Path folder, Path benchFolder, int rounds, int percent) {
    /** A number of the full size, scaled down if asked for. */
    public int scaled(int full) {
        return Math.max(1, (int) ((long) full * percent / 100));
    }
}

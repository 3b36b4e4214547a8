package dev.reinstate.archive;

import java.util.List;

/** Finds the last manifest of a chain without reading it: there are no holes (INV-1). */
final class ChainEnd {
    private ChainEnd() {}

    /** Its number, 0 if there is none. */
    static long of(ArchiveObjects objects) {
        long known = newestCheckpoint(objects);
        long reached = isThere(objects, known) ? known : 0;
        long step = 1;
        while (isThere(objects, reached + step)) {
            reached += step;
            step *= 2;
        }
        while (step > 1) {
            step /= 2;
            if (isThere(objects, reached + step)) {
                reached += step;
            }
        }
        return reached;
    }

    private static long newestCheckpoint(ArchiveObjects objects) {
        List<String> keys = Chain.checkpointKeys(objects);
        String digits = keys.isEmpty() ? "" : keys.getLast().substring(Keys.CHECKPOINTS.length());
        return digits.matches("\\d{1,18}|0\\d{19}") ? Long.parseLong(digits) : 0;
    }

    private static boolean isThere(ArchiveObjects objects, long number) {
        return number > 0 && objects.size(Keys.manifest(number)).isPresent();
    }
}

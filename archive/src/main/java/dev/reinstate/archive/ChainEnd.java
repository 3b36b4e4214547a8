package dev.reinstate.archive;

import java.util.List;

/** Finds the last manifest of a chain without reading it: there are no holes in what is kept of it (INV-1). */
final class ChainEnd {
    private ChainEnd() {}

    /** Its number, 0 if there is none. */
    static long of(ArchiveObjects objects) {
        long reached =
                Math.max(newest(objects, Chain.checkpointKeys(objects)), newest(objects, Chain.baseKeys(objects)));
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

    /** Of which manifest the newest state is; 0 if there is none, or the manifest is not there. */
    private static long newest(ArchiveObjects objects, List<String> states) {
        long known = states.isEmpty() ? 0 : Keys.numberOf(states.getLast()).orElse(0);
        return isThere(objects, known) ? known : 0;
    }

    private static boolean isThere(ArchiveObjects objects, long number) {
        return number > 0 && objects.size(Keys.manifest(number)).isPresent();
    }
}

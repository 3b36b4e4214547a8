package dev.reinstate.restore.apply;

import dev.reinstate.restore.plan.MergeSink;
import java.nio.file.Path;
import java.util.Optional;

/** Takes the differences of a merge and makes them good. */
interface TenantWriter extends MergeSink, AutoCloseable {
    /** Called once all is merged and found to be what was approved. Where live rows were saved, if any. */
    Optional<Path> complete();

    /** Moves sequences past the values that were written; not transactional, so last of all. */
    void moveSequences();

    /** Nanoseconds spent handing rows to the database. */
    long writeNanos();

    @Override
    void close();
}

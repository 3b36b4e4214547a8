package dev.reinstate.restore.apply;

import dev.reinstate.restore.plan.RestorePlan;

/** Tells the listener every so many rows. */
final class ProgressMeter {
    private static final long ROWS_BETWEEN_REPORTS = 2_000;

    private final ApplyListener listener;
    private final RestorePlan plan;
    private final long rowsTotal;
    private long rows;
    private long bytes;

    ProgressMeter(ApplyListener listener, RestorePlan plan) {
        this.listener = listener;
        this.plan = plan;
        this.rowsTotal = plan.rowsToInsert() + plan.rowsToUpdate();
    }

    void add(long sizeBytes) {
        rows++;
        bytes += sizeBytes;
        if (rows % ROWS_BETWEEN_REPORTS == 0 || rows == rowsTotal) {
            listener.progress(
                    plan.request().tenant(), new ApplyListener.Progress(rows, rowsTotal, bytes, plan.sizeBytes()));
        }
    }
}

package dev.reinstate.cli.verb;

import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.cli.terminal.ProgressBar;
import dev.reinstate.cli.terminal.Terminal;
import dev.reinstate.model.TenantId;
import dev.reinstate.restore.PlannedTenant;
import dev.reinstate.restore.RestoreListener;
import dev.reinstate.restore.TenantResult;
import dev.reinstate.restore.apply.Step;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** How planning and restoring get on, over all tenants. */
final class RestoreScreen implements RestoreListener, AutoCloseable {
    private final Terminal terminal;
    private final Map<TenantId, Long> rowsDone = new HashMap<>();
    private ProgressBar bar;
    private long tenants;
    private long finished;

    RestoreScreen(Terminal terminal) {
        this.terminal = terminal;
        this.bar = new ProgressBar(terminal, System::nanoTime, "planning", 0, Amounts::count);
    }

    /** Planning of so many begins. */
    synchronized void planning(long count) {
        bar.close();
        bar = new ProgressBar(terminal, System::nanoTime, "planning", count, Amounts::count);
    }

    /** Restoring begins: so many tenants, so many rows. */
    synchronized void restoring(long count, long rows) {
        tenants = count;
        bar.close();
        bar = new ProgressBar(terminal, System::nanoTime, label(), rows, Amounts::count);
    }

    private String label() {
        return tenants == 1 ? "restoring" : "restored " + finished + " of " + tenants + ", rows";
    }

    @Override
    public synchronized void planned(PlannedTenant tenant) {
        bar.advance(1);
    }

    @Override
    public synchronized void step(TenantId tenant, Step step) {
        if (tenants == 1 && step.compareTo(Step.WRITING) > 0) {
            bar.label(step.name().toLowerCase(Locale.ROOT).replace('_', ' '));
        }
    }

    @Override
    public synchronized void progress(TenantId tenant, Progress progress) {
        rowsDone.put(tenant, progress.rowsDone());
        bar.done(rowsDone.values().stream().mapToLong(Long::longValue).sum());
    }

    @Override
    public synchronized void finished(TenantResult result) {
        finished++;
        bar.label(label());
    }

    @Override
    public synchronized void close() {
        bar.close();
    }
}

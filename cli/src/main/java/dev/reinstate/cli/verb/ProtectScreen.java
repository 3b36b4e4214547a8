package dev.reinstate.cli.verb;

import dev.reinstate.archive.ArchiveMaintenance;
import dev.reinstate.capture.CaptureListener;
import dev.reinstate.capture.source.LetGoPolicy;
import dev.reinstate.capture.source.SourceTables;
import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.cli.terminal.ProgressBar;
import dev.reinstate.cli.terminal.StatusLine;
import dev.reinstate.cli.terminal.Terminal;
import dev.reinstate.cli.wiring.MaintenanceListener;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What {@code protect} says while it runs: the image's progress, then how far history is durable. */
final class ProtectScreen implements CaptureListener, MaintenanceListener, AutoCloseable {
    private final Terminal terminal;
    private final Clock clock;
    private final StatusLine status;
    private @Nullable ProgressBar image;
    private long changes;
    private long changesShown;
    private Instant ratedAt;

    ProtectScreen(Terminal terminal, Clock clock) {
        this.terminal = terminal;
        this.clock = clock;
        this.status = new StatusLine(terminal, System::nanoTime);
        this.ratedAt = clock.instant();
    }

    private synchronized void note(String text) {
        ProgressBar bar = image;
        String line = terminal.watches() ? text : Amounts.time(clock.instant()) + "  " + text;
        if (bar == null) {
            status.note(line);
        } else {
            bar.note(line);
        }
    }

    private void warn(String text) {
        note(terminal.onErr(Terminal.Style.WARN, "warning: ") + text);
    }

    private void alarm(String text) {
        note(terminal.onErr(Terminal.Style.BAD, "ALARM: ") + text);
    }

    @Override
    public void waitingForTransactions(List<String> transactions) {
        note("waiting for transactions that are writing, before the image can begin: "
                + String.join("; ", transactions));
    }

    @Override
    public void timeline(int before, int now, Lsn fork) {
        note("the source went over from timeline " + before + " to " + now + " at " + fork);
    }

    @Override
    public void headNotTold(ReinstateException failure) {
        warn("the archive's head cannot be written down in the source (" + failure.why()
                + "): if the archive is cut back, only the state directory can tell");
    }

    @Override
    public void imageStarted(String reason, int tables, long estimatedRows) {
        note("image of " + Amounts.count(tables, "table") + ", about " + Amounts.count(estimatedRows, "row") + ": "
                + reason);
        synchronized (this) {
            image = new ProgressBar(terminal, System::nanoTime, "image", Math.max(0, estimatedRows), Amounts::count);
        }
    }

    @Override
    public synchronized void imageProgress(TableName table, long rows, long bytes) {
        if (image != null) {
            image.label("image  " + table);
            image.done(rows);
        }
    }

    @Override
    public void snapshotKept(Duration age) {
        note("warning: the image has been read for " + Amounts.duration(age)
                + "; until it is read VACUUM removes no row that died since, and tables may grow");
    }

    @Override
    public void imagePublishing(long rows, long bytes) {
        endImage();
        note("image read: " + Amounts.count(rows, "row") + ", " + Amounts.bytes(bytes)
                + "; sorting and making it durable");
    }

    @Override
    public void imagePublished(Lsn position, long rows, Duration took) {
        endImage();
        note("image durable: " + Amounts.count(rows, "row") + " at " + position + ", in " + Amounts.duration(took));
    }

    private synchronized void endImage() {
        if (image != null) {
            image.close();
            image = null;
        }
    }

    @Override
    public void ownersRecovered(String outcome, Duration took) {
        note("owner index: " + outcome + ", in " + Amounts.duration(took));
    }

    @Override
    public void streaming(Lsn from) {
        note("protecting from " + from + " on; stop with Ctrl-C, kill at any moment");
    }

    @Override
    public void published(Lsn durableTo, long published, Instant newestCommit) {
        String rate;
        synchronized (this) {
            changes += published;
            Duration since = Duration.between(ratedAt, clock.instant());
            double seconds = Math.max(0.001, since.toMillis() / 1000.0);
            rate = Amounts.rate((changes - changesShown) / seconds);
            if (since.compareTo(Duration.ofSeconds(10)) > 0) {
                changesShown = changes;
                ratedAt = clock.instant();
            }
        }
        Duration behind = Duration.between(newestCommit, clock.instant());
        status.show("durable to " + durableTo + ", " + Amounts.time(newestCommit) + " ("
                + Amounts.duration(behind.isNegative() ? Duration.ZERO : behind) + " ago)   "
                + Amounts.count(changes, "change") + ", " + rate);
    }

    @Override
    public void positionPublished(Lsn durableTo) {
        status.show("durable to " + durableTo + ", " + Amounts.time(clock.instant()) + "   idle");
    }

    @Override
    public void retrying(ReinstateException failure, int attempt, Duration pause) {
        warn(failure.what() + " (" + failure.why() + "); trying again in " + Amounts.duration(pause) + ", attempt "
                + attempt);
    }

    @Override
    public void unprotectedTables(List<SourceTables.Unprotected> tables) {
        tables.forEach(table -> warn("not protected as the others are: " + table.table() + ": " + table.reason()));
        if (tables.isEmpty()) {
            note("every table is protected");
        }
    }

    @Override
    public void publicationsChanged(List<String> statements) {
        note("publications follow the tables: " + String.join("; ", statements));
    }

    @Override
    public void tableUncertain(TableName table, String why) {
        alarm(table + " has a hole in its history until it is read anew: " + why);
    }

    @Override
    public void tableImageNeeded(List<TableName> tables, String reason) {
        warn(
                "rows of " + names(tables) + " may have changed without the change stream saying so (" + reason
                        + "); they are read anew as soon as the server gives a snapshot, what lies between is recorded as uncertain");
    }

    @Override
    public void tableImagePending(List<TableName> tables, String why) {
        warn(names(tables) + " could not be read anew yet: " + why + "; capture goes on and tries again");
    }

    @Override
    public void tableImagePublished(Lsn position, List<TableName> tables, Duration took) {
        note(names(tables) + (tables.size() == 1 ? " is" : " are") + " right again from " + position + " on, in "
                + Amounts.duration(took));
    }

    private static String names(List<TableName> tables) {
        String first = tables.stream().limit(5).map(TableName::toString).collect(Collectors.joining(", "));
        return tables.size() > 5 ? first + " and " + (tables.size() - 5) + " more" : first;
    }

    @Override
    public void unattributed(TableName table, long count) {
        warn(Amounts.count(count, "change") + " of " + table + " found no tenant; kept, and restorable by hand");
    }

    @Override
    public void severalTenants(TableName table, long rows) {
        warn(Amounts.count(rows, "row") + " of " + table
                + " name rows of several tenants by several paths; each is kept" + " as the first path says");
    }

    @Override
    public void oversizedRow(TableName table) {
        alarm("a row of " + table + " is too large to be kept; it cannot be restored");
    }

    @Override
    public void retainedLog(LetGoPolicy.Pressure pressure, long retainedBytes, long limitBytes) {
        warn("the source keeps " + Amounts.bytes(retainedBytes) + " of log for us; at " + Amounts.bytes(limitBytes)
                + " it is let go and a gap is recorded");
    }

    @Override
    public void letGo(long retainedBytes, long limitBytes) {
        alarm("let the source's log go at " + Amounts.bytes(retainedBytes) + " (limit " + Amounts.bytes(limitBytes)
                + "): a new image is needed, what was captured stays restorable");
    }

    @Override
    public void catalogueDamaged(List<String> lost) {
        alarm(
                "part of the catalogue history in the archive is damaged, see `reinstate check`; tables of which nothing is"
                        + " left are captured anew with a new image: " + String.join("; ", lost));
    }

    @Override
    public void gap(Lsn from, String reason) {
        alarm("history is lost from " + from + " until the next image: " + reason);
    }

    @Override
    public void letGo(ArchiveMaintenance.LetGo gone) {
        note("let go of what was before " + Amounts.time(gone.fromTime()) + ": "
                + Amounts.count(gone.objects(), "object") + ", " + Amounts.bytes(gone.sizeBytes())
                + ", are removed after the grace period");
    }

    @Override
    public void removed(ArchiveMaintenance.Removed removed) {
        if (removed.objects() > 0) {
            note("removed " + Amounts.count(removed.objects(), "object") + ", " + Amounts.bytes(removed.sizeBytes())
                    + ", that nothing needed any more");
        }
    }

    @Override
    public void failed(ReinstateException failure) {
        warn("the archive is not kept small for now, capture goes on: " + failure.what() + " (" + failure.why() + ")");
    }

    @Override
    public void close() {
        endImage();
        status.close();
    }
}

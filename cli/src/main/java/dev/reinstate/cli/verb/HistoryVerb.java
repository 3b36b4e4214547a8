package dev.reinstate.cli.verb;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveReader.TenantSummary;
import dev.reinstate.archive.ArchiveState;
import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.terminal.ProgressBar;
import dev.reinstate.cli.terminal.Terminal;
import dev.reinstate.cli.terminal.TextTable;
import dev.reinstate.cli.wiring.Archives;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TenantId;
import dev.reinstate.restore.history.Damage;
import dev.reinstate.restore.history.DamageFinder;
import dev.reinstate.restore.history.Deletion;
import dev.reinstate.restore.history.History;
import dev.reinstate.restore.history.HistoryReader;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code reinstate history}. */
@Command(
        name = "history",
        description = {
            "Says what happened to a tenant: changes per table over time, big deletions with transaction and position.",
            "Without a tenant: which tenants are gone, since when, and by which transactions."
        })
public final class HistoryVerb extends ArchiveVerb {
    private static final int SHOWN_TABLES = 4;

    private final Clock clock;

    @Mixin
    private final BurstGapOption burstGap = new BurstGapOption();

    @Parameters(arity = "0..1", paramLabel = "TENANT")
    private Optional<String> tenant = Optional.empty();

    @Option(names = "--since", paramLabel = "TIME", description = "A time with its zone, or a duration ago: 2h.")
    private Optional<String> since = Optional.empty();

    @Option(names = "--until", paramLabel = "TIME", description = "A time with its zone, or a duration ago.")
    private Optional<String> until = Optional.empty();

    record GoneDocument(
            Lsn durableTo, Optional<Instant> durableTime, List<DamageDocument> gone, List<Unexplained> unexplained) {}

    /** A tenant that is gone and of which it cannot be said how. */
    record Unexplained(TenantId tenant, String why) {}

    record Document(
            TenantId tenant,
            Instant since,
            Instant until,
            boolean gone,
            double bucketSeconds,
            List<History.Bucket> buckets,
            SortedMap<TableName, History.Totals> totals,
            long bigDeletionCount,
            List<DamageDocument.Piece> bigDeletions,
            Optional<DamageDocument> damage) {}

    public HistoryVerb(Output output, Archives archives, Clock clock) {
        super(output, archives);
        this.clock = clock;
    }

    @Override
    public Integer call() {
        ArchiveReader archive = options.open(archives).reader();
        if (tenant.isPresent()) {
            ofTenant(archive, new TenantId(tenant.get()));
        } else {
            ofAll(archive);
        }
        return 0;
    }

    private void ofTenant(ArchiveReader archive, TenantId wanted) {
        new Tenants(archive).requireKnown(List.of(wanted));
        Instant now = clock.instant();
        History history = new HistoryReader(archive)
                .read(
                        wanted,
                        since.map(text -> Moments.timeOrAgo(text, now)),
                        until.map(text -> Moments.timeOrAgo(text, now)));
        Optional<Damage> damage = history.gone() ? damage(archive, wanted) : Optional.empty();
        Document document = new Document(
                wanted,
                history.since(),
                history.until(),
                history.gone(),
                history.bucketWidth().toMillis() / 1000.0,
                history.buckets(),
                history.totals(),
                history.bigDeletionCount(),
                history.bigDeletions().stream().map(DamageDocument.Piece::of).toList(),
                damage.map(DamageDocument::of));
        Optional<String> notKept = RetentionLines.notKept(archive)
                .filter(text -> !history.since()
                        .isAfter(archive.ranges(wanted).getFirst().fromTime()));
        output.result(json.asked, document, () -> show(history, damage, notKept));
    }

    private Optional<Damage> damage(ArchiveReader archive, TenantId wanted) {
        try {
            return Optional.of(new DamageFinder(archive, burstGap.gap()).find(wanted));
        } catch (ReinstateException e) {
            return Optional.empty(); // gone since before the first image, or across a gap: there is no moment before it
        }
    }

    private void show(History history, Optional<Damage> damage, Optional<String> notKept) {
        Terminal terminal = output.terminal();
        output.heading(history.tenant() + (history.gone() ? "  " + terminal.onOut(Terminal.Style.BAD, "gone") : ""));
        terminal.line("from " + Amounts.time(history.since()) + " to " + Amounts.time(history.until()));
        notKept.ifPresent(text -> terminal.line(Character.toUpperCase(text.charAt(0)) + text.substring(1) + "."));
        if (history.buckets().isEmpty()) {
            terminal.line("Nothing changed.");
        }
        showBuckets(history);
        showTotals(history);
        showDeletions(history);
        damage.ifPresent(this::showDamage);
    }

    private void showBuckets(History history) {
        TextTable table = new TextTable()
                .text("from (UTC), each " + Amounts.duration(history.bucketWidth()))
                .number("transactions")
                .number("inserted")
                .number("updated")
                .number("deleted")
                .text("most in");
        for (History.Bucket bucket : history.buckets()) {
            long[] sums = new long[3];
            bucket.tables().values().forEach(totals -> {
                sums[0] += totals.inserted();
                sums[1] += totals.updated();
                sums[2] += totals.deleted();
            });
            table.row(
                    Amounts.time(bucket.begin()),
                    Amounts.count(bucket.transactions()),
                    Amounts.count(sums[0]),
                    Amounts.count(sums[1]),
                    Amounts.count(sums[2]),
                    busiest(bucket));
        }
        if (!table.isEmpty()) {
            output.terminal().line("");
            output.table(table);
        }
    }

    private static String busiest(History.Bucket bucket) {
        return bucket.tables().entrySet().stream()
                .sorted(Comparator.comparingLong(
                        (Map.Entry<TableName, History.Totals> entry) -> -changes(entry.getValue())))
                .limit(SHOWN_TABLES)
                .map(entry -> entry.getKey().toString())
                .collect(Collectors.joining(", "));
    }

    private static long changes(History.Totals totals) {
        return totals.inserted() + totals.updated() + totals.deleted();
    }

    private void showTotals(History history) {
        TextTable table = new TextTable()
                .text("table")
                .number("inserted")
                .number("updated")
                .number("deleted");
        history.totals()
                .forEach((name, totals) -> table.row(
                        name.toString(),
                        Amounts.count(totals.inserted()),
                        Amounts.count(totals.updated()),
                        Amounts.count(totals.deleted())));
        if (!table.isEmpty()) {
            output.terminal().line("");
            output.table(table);
        }
    }

    private void showDeletions(History history) {
        if (history.bigDeletions().isEmpty()) {
            return;
        }
        Terminal terminal = output.terminal();
        terminal.line("");
        output.heading("big deletions"
                + (history.bigDeletionCount() > history.bigDeletions().size()
                        ? " (the biggest of " + Amounts.count(history.bigDeletionCount()) + ")"
                        : ""));
        history.bigDeletions().forEach(deletion -> terminal.line("  " + described(deletion)));
    }

    private static String described(Deletion deletion) {
        String tables = deletion.deleted().rows().entrySet().stream()
                .sorted(Comparator.comparingLong(entry -> -entry.getValue()))
                .limit(SHOWN_TABLES)
                .map(entry -> entry.getKey() + " " + Amounts.count(entry.getValue()))
                .collect(Collectors.joining(", "));
        int more = deletion.deleted().rows().size() - SHOWN_TABLES;
        return Amounts.exactTime(deletion.time()) + "  " + DeletionText.origin(deletion) + "  "
                + Amounts.count(deletion.deleted().total(), "row") + " (" + tables
                + (more > 0 ? ", " + more + " more tables" : "") + ")";
    }

    private void showDamage(Damage damage) {
        Terminal terminal = output.terminal();
        terminal.line("");
        output.heading("how it went");
        terminal.line("  " + Amounts.count(damage.deletedRows(), "row") + " in "
                + Amounts.count(damage.transactions(), "transaction") + ", from " + Amounts.exactTime(damage.begin())
                + " to "
                + Amounts.exactTime(damage.end()) + "; the last moment before: " + damage.position());
        DeletionText.uncertainty(damage).ifPresent(line -> terminal.line("  " + line));
        if (damage.loss().rows() > 0) {
            terminal.line("  written after that moment, would not come back: "
                    + Amounts.count(damage.loss().rows(), "row") + " in "
                    + Amounts.count(damage.loss().commits(), "transaction"));
        }
        terminal.line("  next: reinstate restore " + damage.tenant() + " --before-deletion --dry-run");
    }

    private void ofAll(ArchiveReader archive) {
        if (since.isPresent() || until.isPresent()) {
            throw ReinstateException.invalid(
                    "--since and --until need a tenant",
                    "without one, every tenant that is gone is listed",
                    "name a tenant");
        }
        List<Damage> gone = new ArrayList<>();
        List<Unexplained> unexplained = new ArrayList<>();
        List<TenantSummary> tenants = archive.tenants();
        Tenants known = new Tenants(archive);
        DamageFinder finder = new DamageFinder(archive, burstGap.gap());
        try (ProgressBar bar = new ProgressBar(
                output.terminal(), System::nanoTime, "looking at tenants", tenants.size(), Amounts::count)) {
            for (TenantSummary summary : tenants) {
                if (known.isGone(summary)) {
                    try {
                        gone.add(finder.find(summary.tenant()));
                    } catch (ReinstateException e) {
                        unexplained.add(new Unexplained(summary.tenant(), e.what() + ": " + e.why()));
                    }
                }
                bar.advance(1);
            }
        }
        gone.sort(Comparator.comparing(Damage::end).reversed());
        ArchiveState state = archive.state();
        output.result(
                json.asked,
                new GoneDocument(
                        state.durableTo(),
                        state.durableTime(),
                        gone.stream().map(DamageDocument::of).toList(),
                        unexplained),
                () -> showGone(state, gone, unexplained));
    }

    private void showGone(ArchiveState state, List<Damage> gone, List<Unexplained> unexplained) {
        Terminal terminal = output.terminal();
        TextTable table = new TextTable()
                .text("gone")
                .text("from (UTC)")
                .text("to (UTC)")
                .number("transactions")
                .number("first")
                .number("rows")
                .text("restore to");
        for (Damage damage : gone) {
            table.row(
                    damage.tenant().value(),
                    Amounts.time(damage.begin()),
                    Amounts.time(damage.end()),
                    Amounts.count(damage.transactions()),
                    DeletionText.first(damage.burst().getFirst()),
                    Amounts.count(damage.deletedRows()),
                    damage.position().toString());
        }
        if (!table.isEmpty()) {
            output.table(table);
        }
        unexplained.forEach(tenant -> terminal.line(tenant.tenant() + ": gone; " + tenant.why()));
        String asOf =
                state.durableTime().map(time -> " as of " + Amounts.time(time)).orElse("");
        terminal.line(
                gone.isEmpty() && unexplained.isEmpty()
                        ? "No tenant is gone" + asOf + "."
                        : Amounts.count(gone.size() + unexplained.size(), "tenant") + " gone" + asOf
                                + ". Next: reinstate restore TENANT… --before-deletion --dry-run");
    }
}

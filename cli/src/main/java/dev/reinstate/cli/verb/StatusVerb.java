package dev.reinstate.cli.verb;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.reinstate.archive.ArchiveHead;
import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveState;
import dev.reinstate.archive.RetentionState;
import dev.reinstate.capture.protection.KnownHeads;
import dev.reinstate.capture.source.KnownTables;
import dev.reinstate.capture.source.SourceTables;
import dev.reinstate.capture.source.TableChange;
import dev.reinstate.cli.config.ArchivePlace;
import dev.reinstate.cli.config.Configuration;
import dev.reinstate.cli.config.ConfigurationReader;
import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.terminal.Terminal;
import dev.reinstate.cli.wiring.Archives;
import dev.reinstate.cli.wiring.Archives.StoredArchive;
import dev.reinstate.cli.wiring.Databases;
import dev.reinstate.cli.wiring.SourceStatus;
import dev.reinstate.cli.wiring.Witnesses;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableVersion;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.discovery.Preflight;
import dev.reinstate.postgres.replication.SourceNames;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code reinstate status}. */
@Command(name = "status", description = "Says how far behind the archive is, and what is not protected.")
public final class StatusVerb implements Callable<Integer> {
    private static final Duration LATE = Duration.ofSeconds(60);

    private final Output output;
    private final Archives archives;
    private final Databases databases;
    private final Clock clock;

    @Mixin
    private final ConfigOptions options = new ConfigOptions();

    @Mixin
    private final KeyOptions key = new KeyOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    /** What a script reads; the archive's part is empty before the first image. */
    record Document(
            String store,
            String database,
            ArchivePlace archive,
            @JsonUnwrapped Held held,
            Live source,
            List<SourceTables.Unprotected> unprotected,
            List<Unread> unread,
            List<Preflight.Finding> notCaptured,
            List<String> warnings) {}

    record Held(
            Lsn durableTo,
            Optional<Instant> durableTime,
            long archiveBytes,
            long segments,
            List<ArchiveState.Image> images,
            List<ArchiveState.Range> restorable,
            List<ArchiveState.Gap> gaps,
            RetentionState retention,
            Optional<ArchiveHead> head) {
        static final Held NOTHING = new Held(
                Lsn.ZERO,
                Optional.empty(),
                0,
                0,
                List.of(),
                List.of(),
                List.of(),
                RetentionState.NOTHING,
                Optional.empty());
    }

    record Live(boolean reachable, @JsonUnwrapped SourceStatus status, long lagBytes, double lagSeconds) {
        static final Live SILENT = new Live(false, SourceStatus.UNKNOWN, 0, 0);
    }

    /** A table whose rows may have changed without the change stream saying so, and that capture has not read since. */
    record Unread(TableName table, String reason) {}

    /** What one look at the source found. */
    private record Looked(
            SourceStatus status,
            KnownHeads heads,
            List<SourceTables.Unprotected> unprotected,
            List<Unread> unread,
            List<Preflight.Finding> notCaptured) {}

    public StatusVerb(Output output, Archives archives, Databases databases, Clock clock) {
        this.output = output;
        this.archives = archives;
        this.databases = databases;
        this.clock = clock;
    }

    @Override
    public Integer call() throws SQLException {
        Configuration configuration = ConfigurationReader.read(options.config);
        Database database = databases.source(configuration.store(), options.passwordFile);
        Optional<ArchiveReader> archive = archives.find(
                        configuration.archive(),
                        archives.masterKeys().choice(key.keyFile, configuration.encryption()),
                        ArchiveOptions.temporary(Optional.of(configuration)))
                .map(StoredArchive::reader);
        Optional<ReinstateException> failure = Optional.empty();
        Optional<Looked> looked = Optional.empty();
        try {
            looked = Optional.of(look(configuration, database, archive));
        } catch (ReinstateException e) {
            if (e.kind() != FailureKind.UNAVAILABLE || archive.isEmpty()) {
                throw e;
            }
            failure = Optional.of(e);
        }
        Held held = archive.map(StatusVerb::held).orElse(Held.NOTHING);
        Live live = looked.map(found -> live(found.status(), held)).orElse(Live.SILENT);
        List<SourceTables.Unprotected> unprotected =
                looked.map(Looked::unprotected).orElse(List.of());
        List<Unread> unread = looked.map(Looked::unread).orElse(List.of());
        List<String> warnings = warnings(held, live, unprotected.size(), failure);
        KnownHeads heads = looked.map(Looked::heads).orElseGet(() -> Witnesses.local(configuration));
        archive.flatMap(heads::lossOf)
                .ifPresent(loss -> warnings.add("the archive is not what it was: " + loss.text()));
        unread.forEach(table -> warnings.add("rows of " + table.table() + " may be others than in the archive: "
                + table.reason() + "; `reinstate protect` reads them anew"));
        List<Preflight.Finding> notCaptured = looked.map(Looked::notCaptured).orElse(List.of());
        archive.ifPresent(reader -> reader.salvagedCatalogueHistory()
                .lost()
                .forEach(lost -> warnings.add(
                        "a part of the archive's record of tables is lost (" + lost + "): see `reinstate check`")));
        notCaptured.stream()
                .filter(finding -> finding.status() != Preflight.Status.OK)
                .forEach(finding -> warnings.add(finding.need() + ": " + finding.found()));
        Document document = new Document(
                configuration.store().name(),
                database.displayName(),
                configuration.archive(),
                held,
                live,
                unprotected,
                unread,
                notCaptured,
                warnings);
        output.result(json.asked, document, () -> show(document));
        return failure.map(e -> e.kind().exitCode()).orElse(0);
    }

    private Looked look(Configuration configuration, Database database, Optional<ArchiveReader> archive)
            throws SQLException {
        try (Connection connection = database.connect()) {
            archive.ifPresent(reader -> Archives.requireSame(reader.state().store(), connection, database));
            SourceNames names = SourceNames.ofStore(configuration.store().name());
            SourceTables tables = SourceTables.of(Catalogue.read(connection), configuration.tenancy());
            return new Looked(
                    SourceStatus.read(
                            connection, names, configuration.settings().letGoAfterBytes()),
                    Witnesses.ask(connection, configuration),
                    tables.unprotected(),
                    archive.map(reader -> unread(reader, tables)).orElse(List.of()),
                    Preflight.notCaptured(
                            connection, tables.catalogue(), tables.map().capturedTables()));
        }
    }

    private static List<Unread> unread(ArchiveReader archive, SourceTables tables) {
        ArchiveReader.SalvagedHistory salvaged = archive.salvagedCatalogueHistory();
        List<TableVersion> history = salvaged.versions();
        return history.isEmpty() || !salvaged.lost().isEmpty()
                ? List.of()
                : new KnownTables(history)
                        .changes(tables).stream()
                                .filter(TableChange::mayConcernRows)
                                .map(change -> new Unread(change.name(), change.reason()))
                                .toList();
    }

    private static Held held(ArchiveReader archive) {
        ArchiveState state = archive.state();
        return new Held(
                state.durableTo(),
                state.durableTime(),
                state.sizeBytes(),
                state.segmentCount(),
                state.allImages(),
                archive.ranges(),
                state.gaps(),
                archive.retention(),
                Optional.of(archive.head()));
    }

    /** Without a byte behind there is no second behind, however long nothing has happened. */
    private Live live(SourceStatus status, Held held) {
        long durable = held.durableTo().value();
        long lagBytes = durable == 0 ? 0 : Math.max(0, status.position().value() - durable);
        Duration lag = lagBytes == 0
                ? Duration.ZERO
                : held.durableTime()
                        .map(time -> Duration.between(time, clock.instant()))
                        .filter(time -> !time.isNegative())
                        .orElse(Duration.ZERO);
        return new Live(true, status, lagBytes, lag.toMillis() / 1000.0);
    }

    private List<String> warnings(Held held, Live live, int unprotected, Optional<ReinstateException> failure) {
        List<String> warnings = new ArrayList<>();
        failure.ifPresent(e -> warnings.add("the source does not answer: " + e.what() + " (" + e.why() + ")"));
        boolean imaged = !held.images().isEmpty();
        boolean capturing = live.status().capturing();
        if (!imaged) {
            warnings.add(
                    capturing
                            ? "the first image is being taken: nothing can be restored yet"
                            : "there is no image yet: nothing can be restored; run `reinstate protect`");
        }
        held.gaps().stream()
                .filter(gap -> gap.to().isEmpty())
                .forEach(gap -> warnings.add("history is being lost since " + Amounts.time(gap.since()) + " ("
                        + gap.reason() + "): run `reinstate protect` for a new image"));
        if (live.reachable()) {
            addSlotWarnings(live.status(), imaged, warnings);
        }
        if (capturing && imaged && live.lagSeconds() > LATE.toSeconds()) {
            warnings.add("capture is " + lag(live) + " behind");
        }
        if (unprotected > 0) {
            warnings.add(Amounts.count(unprotected, "table") + (unprotected == 1 ? " is" : " are")
                    + " not protected as the others are, see below");
        }
        return warnings;
    }

    private static String lag(Live live) {
        return Amounts.duration(Duration.ofMillis((long) (live.lagSeconds() * 1000)));
    }

    private static void addSlotWarnings(SourceStatus status, boolean begun, List<String> warnings) {
        if (begun && !status.usable()) {
            warnings.add("the replication slot is " + status.slot()
                    + ": changes are being lost; `reinstate protect` takes a new image, what lies between is a gap");
        } else if (begun && !status.capturing()) {
            warnings.add("nobody is capturing: run `reinstate protect`; the source keeps its log until then");
        }
        if (status.retainedBytes() > status.letGoAfterBytes() / 2) {
            warnings.add("the source keeps " + Amounts.bytes(status.retainedBytes()) + " of log for us; at "
                    + Amounts.bytes(status.letGoAfterBytes()) + " capture lets go and records a gap");
        }
    }

    private void show(Document document) {
        Terminal terminal = output.terminal();
        output.heading(document.store() + "  " + document.database());
        document.warnings().forEach(warning -> terminal.line(terminal.onOut(Terminal.Style.BAD, "  ! ") + warning));
        if (document.source().reachable()) {
            showLive(document.source());
        }
        if (!document.held().images().isEmpty()) {
            showHeld(document.held(), document.archive());
        }
        if (!document.unprotected().isEmpty()) {
            terminal.line(terminal.onOut(Terminal.Style.BAD, "  Not protected as the others are"));
            document.unprotected().forEach(table -> terminal.line("    " + table.table() + ": " + table.reason()));
        }
        showNotCaptured(document.notCaptured());
        if (document.warnings().isEmpty()) {
            terminal.line(terminal.onOut(Terminal.Style.GOOD, "  All is well."));
        }
    }

    /** What is no warning already. */
    private void showNotCaptured(List<Preflight.Finding> findings) {
        Terminal terminal = output.terminal();
        List<Preflight.Finding> quiet = findings.stream()
                .filter(finding -> finding.status() == Preflight.Status.OK)
                .toList();
        if (!quiet.isEmpty()) {
            terminal.line("  Never captured");
            quiet.forEach(finding -> terminal.line("    " + finding.need() + ": " + finding.found()));
        }
    }

    private void showLive(Live live) {
        Terminal terminal = output.terminal();
        SourceStatus status = live.status();
        terminal.line("  behind         " + Amounts.bytes(live.lagBytes())
                + (live.lagBytes() == 0 ? "" : ", at most " + lag(live)));
        terminal.line("  capture        " + (status.capturing() ? "running" : "not running") + ", slot " + status.slot()
                + ", source keeps " + Amounts.bytes(status.retainedBytes()) + " of log (lets go at "
                + Amounts.bytes(status.letGoAfterBytes()) + ")"
                + (status.failover() ? ", standbys may have the slot" : ""));
        terminal.line("  DDL            "
                + switch (status.ddlTrigger()) {
                    case INSTALLED -> "told by event triggers";
                    case ABSENT -> "noticed by looking; `reinstate ddl-trigger` makes renames exact";
                    case BROKEN ->
                        "event triggers are of another version or switched off: `reinstate ddl-trigger --install`";
                });
    }

    private void showRetention(RetentionState state) {
        Terminal terminal = output.terminal();
        state.cut()
                .ifPresent(cut -> terminal.line("  let go         what was before, " + Amounts.time(cut.since())
                        + (state.heldObjects() == 0
                                ? ""
                                : "; for tenants that are held " + Amounts.count(state.heldObjects(), "object") + ", "
                                        + Amounts.bytes(state.heldBytes()) + ", are kept")));
        if (state.waitingObjects() > 0) {
            terminal.line("  to be removed  " + Amounts.count(state.waitingObjects(), "object") + ", "
                    + Amounts.bytes(state.waitingBytes()) + ", that nothing needs any more");
        }
    }

    private void showHeld(Held held, ArchivePlace place) {
        Terminal terminal = output.terminal();
        terminal.line("  durable to     " + held.durableTo()
                + held.durableTime().map(time -> ", " + Amounts.time(time)).orElse(""));
        terminal.line("  archive        " + Amounts.bytes(held.archiveBytes()) + ", "
                + Amounts.count(held.images().size(), "image") + ", " + Amounts.count(held.segments(), "segment")
                + ", in "
                + place);
        if (!held.images().isEmpty()) {
            ArchiveState.Image newest = held.images().getLast();
            terminal.line("  newest image   " + Amounts.time(newest.time()) + ", "
                    + Amounts.duration(Duration.between(newest.time(), clock.instant())) + " old, "
                    + Amounts.count(newest.rows(), "row"));
        }
        held.restorable()
                .forEach(range -> terminal.line("  restorable     any moment from " + Amounts.time(range.fromTime())
                        + " to " + Amounts.time(range.toTime())));
        showRetention(held.retention());
        held.gaps()
                .forEach(gap -> terminal.line("  "
                        + terminal.onOut(Terminal.Style.WARN, "gap") + "            from " + gap.from() + " to "
                        + gap.to().map(Lsn::toString).orElse("now") + ": " + gap.reason()));
    }
}

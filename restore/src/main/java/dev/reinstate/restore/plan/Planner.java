package dev.reinstate.restore.plan;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveReader.RowStream;
import dev.reinstate.archive.RowSorter;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.restore.content.RowHasher;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Makes the plan of a restore. Reads the archive and the database, writes neither. Safe for several threads. */
public final class Planner {
    private final ArchiveReader archive;
    private final Supplier<RowSorter> sorters;
    private final TargetTables target;

    /** @param sorters makes sorters for live rows, for example {@code () -> Archive.rowSorter(settings)} */
    public Planner(ArchiveReader archive, Supplier<RowSorter> sorters, TargetTables target) {
        this.archive = archive;
        this.sorters = sorters;
        this.target = target;
    }

    /**
     * The plan of that restore into the database of that connection, which serves nothing else meanwhile. {@code
     * NOT_RESTORABLE} when the archive does not have the position; whatever else is in the way is in the plan.
     */
    public RestorePlan plan(Connection connection, RestoreRequest request) {
        archive.requireRestorable(request.position());
        WriteMode mode = Session.writeMode(connection);
        return Session.readOnly(connection, () -> {
            Map<TableName, List<TableSchema>> shapes = new HashMap<>();
            GoneReferences gone = GoneReferences.NONE;
            while (true) {
                ThenRows then = ThenRows.toPlan(archive, target, request, connection, gone);
                try (PlanChecks checks = checks(connection, request, then, mode, gone);
                        OrphanKeys orphans = OrphanKeys.toPlan(target, PlanChecks.spoolDirectory())) {
                    Merging merging = new Merging(connection, request, then, gone);
                    List<TableTally> tallies = explore(merging, orphans, shapes, checks);
                    GoneReferences more = checks.references().withGoneReferences(gone);
                    if (more != gone) {
                        gone = more;
                        continue; // once more, with NULL in their place
                    }
                    return orphans.wantParentsFirst()
                            ? planParentsFirst(merging, mode, layouts(tallies))
                            : complete(merging, mode, tallies, checks);
                } catch (TenantMerge.UnknownShape e) {
                    learn(shapes, e.shape());
                }
            }
        });
    }

    private PlanChecks checks(
            Connection connection, RestoreRequest request, ThenRows then, WriteMode mode, GoneReferences nulled) {
        ReferenceChecks references = new ReferenceChecks(
                connection,
                archive,
                target,
                request,
                () -> ThenRows.toPlan(archive, target, request, connection, GoneReferences.NONE),
                sorters,
                nulled);
        return new PlanChecks(connection, target, request, sorters, then, mode, references);
    }

    private record Merging(Connection connection, RestoreRequest request, ThenRows then, GoneReferences gone) {}

    /** Once more, in an order in which the rows that hang below others that are linked again are known in time. */
    private RestorePlan planParentsFirst(Merging explored, WriteMode mode, List<TableLayout> layouts) {
        Connection connection = explored.connection();
        RestoreRequest request = explored.request();
        ThenRows then = ThenRows.toPlan(archive, target, request, connection, explored.gone());
        Merging merging = new Merging(connection, request, then, explored.gone());
        try (PlanChecks checks = checks(connection, request, then, mode, explored.gone());
                OrphanKeys orphans = OrphanKeys.toPlan(target, PlanChecks.spoolDirectory())) {
            return complete(merging, mode, merge(merging, orphans).run(layouts, checks), checks);
        }
    }

    private TenantMerge merge(Merging merging, OrphanKeys orphans) {
        LiveRows liveRows = new LiveRows(target, merging.request().tenant());
        return new TenantMerge(merging.then(), sorters, merging.connection(), liveRows, merging.request(), orphans);
    }

    private static List<TableLayout> layouts(List<TableTally> tallies) {
        return tallies.stream().map(TableTally::table).toList();
    }

    private static void learn(Map<TableName, List<TableSchema>> shapes, TableSchema shape) {
        List<TableSchema> known = shapes.computeIfAbsent(shape.name(), name -> new ArrayList<>());
        if (!known.isEmpty() && known.getFirst().oid() != shape.oid()) {
            throw ReinstateException.conflict(
                    "Table " + shape.name() + " was dropped and created again",
                    "the archive has rows of the tenant in both, and which of them were there then is not known",
                    "leave it out with --leave-out " + shape.name() + " and export its rows instead");
        }
        known.add(shape);
    }

    private List<TableTally> explore(
            Merging merging, OrphanKeys orphans, Map<TableName, List<TableSchema>> shapes, PlanChecks checks) {
        RestoreRequest request = merging.request();
        List<TableLayout> layouts = target.parentsFirst(request.tenant()).stream()
                .filter(table -> !request.leavesOut(table.name()))
                .map(table -> layout(table, shapes, merging))
                .toList();
        List<TableTally> tallies = merge(merging, orphans).explore(layouts, checks, (layout, shape) -> {
            learn(shapes, shape);
            return layout(layout.table(), shapes, merging);
        });
        return inOrder(tallies, layouts);
    }

    private RestorePlan complete(Merging merging, WriteMode mode, List<TableTally> ordered, PlanChecks checks) {
        RestoreRequest request = merging.request();
        checks.finish(ordered, goneTables(merging));
        SharedRows shared = checks.references().shared();
        return new RestorePlan(
                request,
                mode,
                ordered.stream()
                        .filter(tally -> !tally.isEmpty())
                        .map(TableTally::toPlan)
                        .toList(),
                Stream.concat(merging.then().problems().stream(), checks.problems().stream())
                        .toList(),
                Stream.concat(merging.then().effects().stream(), checks.effects().stream())
                        .toList(),
                Stream.of(
                                lostHistory(),
                                uncertain(request, shared),
                                new MappedLabels(archive, request)
                                        .check(target.choices(), merging.then().mappedLabels()),
                                checks.notes())
                        .flatMap(List::stream)
                        .toList(),
                fingerprint(
                        request,
                        Stream.concat(shared.tallies().stream(), ordered.stream())
                                .toList()),
                ordered.stream()
                        .map(tally -> layoutToApply(tally, merging.then()))
                        .toList(),
                merging.gone(),
                shared);
    }

    private List<String> lostHistory() {
        return target.lostHistory().stream()
                .map(lost ->
                        "a part of the archive's record of tables is lost, so what was renamed since has to be said with"
                                + " --map (" + lost + "); see `reinstate check`")
                .toList();
    }

    /** Tables with rows to write whose rows of that moment the archive is not sure of. */
    private List<String> uncertain(RestoreRequest request, SharedRows shared) {
        return archive.state().uncertain().stream()
                .filter(interval -> interval.covers(request.position()))
                .filter(interval -> isOwned(target.choices().now(interval.table()), request)
                        || shared.hasTable(target.choices().now(interval.table())))
                .map(interval -> interval.table() + ": rows of this moment may not be right: " + interval.reason()
                        + "; they are right before " + interval.from() + " and from "
                        + interval.to().previous() + " on")
                .toList();
    }

    private boolean isOwned(TableName table, RestoreRequest request) {
        return !request.leavesOut(table) && (target.find(table).isEmpty() || target.isTenantOwned(table));
    }

    /** Applying looks again for what was found and for nothing else. */
    private static TableLayout layoutToApply(TableTally tally, ThenRows then) {
        TableLayout table = tally.table();
        return table.looking(tally.orphans() > 0 ? KeyLookup.Extent.ALL : KeyLookup.Extent.NONE)
                .converting(then.changed(table.shapes()));
    }

    private TableLayout layout(Table table, Map<TableName, List<TableSchema>> shapes, Merging merging) {
        target.requireOwningColumns(table);
        List<TableSchema> known = shapes.getOrDefault(table.name(), List.of());
        TableLayout.Owning owning = new TableLayout.Owning(
                target.rule(table.name()),
                target.isBound(table.name()),
                target.mayBeCutOff(table.name()),
                target.clearedColumns(table.name()));
        return new TableLayout(
                        table,
                        known,
                        merging.request(),
                        owning,
                        target.choices().defaults(table.name()))
                .converting(merging.then().reordering(known));
    }

    /** In the order they are written. */
    private static List<TableTally> inOrder(List<TableTally> tallies, List<TableLayout> layouts) {
        List<TableName> order = layouts.stream().map(TableLayout::name).toList();
        return tallies.stream()
                .sorted(Comparator.comparingInt(
                        tally -> order.indexOf(tally.table().name())))
                .toList();
    }

    /** Tables that the tenant had rows in and that the database no longer has, with the number of rows. */
    private SortedMap<TableName, Long> goneTables(Merging merging) {
        RestoreRequest request = merging.request();
        List<TableName> there =
                target.parentsFirst(request.tenant()).stream().map(Table::name).toList();
        SortedMap<TableName, Long> gone = new TreeMap<>();
        try (RowStream fold = merging.then().fold(table -> !there.contains(table) && !request.leavesOut(table))) {
            while (fold.hasNext()) {
                gone.merge(fold.next().table().name(), 1L, Long::sum);
            }
        }
        return gone;
    }

    /** What two plans have in common when they would write, change and delete the same rows. */
    public static String fingerprint(RestoreRequest request, List<TableTally> tallies) {
        MessageDigest digest = RowHasher.sha256();
        String head = request.tenant() + "\n" + request.position() + "\n" + request.policy() + "\n"
                + request.references() + "\n";
        digest.update(head.getBytes(StandardCharsets.UTF_8));
        tallies.stream()
                .filter(tally -> !tally.isEmpty())
                .sorted(Comparator.comparing(tally -> tally.table().name()))
                .forEach(tally -> tally.addTo(digest));
        return HexFormat.of().formatHex(digest.digest());
    }
}

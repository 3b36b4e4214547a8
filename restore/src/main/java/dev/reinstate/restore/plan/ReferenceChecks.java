package dev.reinstate.restore.plan;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.RowSorter;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableName;
import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.catalogue.Table.ForeignKey;
import dev.reinstate.restore.plan.OwnedReferences.Ask;
import dev.reinstate.restore.plan.OwnedReferences.Referrer;
import dev.reinstate.restore.reference.DistinctValues;
import dev.reinstate.restore.reference.ReferenceQueries;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Finds out, while a tenant is merged for a plan, which foreign keys of rows to write lead to rows that are gone, and
 * what can be done about it. Not thread-safe.
 */
final class ReferenceChecks implements AutoCloseable {
    /** How many values of a foreign key may be replaced, or shared rows brought back; they are held in memory. */
    static final int MANY_GONE = 200_000;

    /** Values that lead nowhere: how many, and not many more of them than are allowed. */
    private record Gone(long count, Set<RowKey> values) {}

    private final TargetTables target;
    private final RestoreRequest request;
    private final ReferenceQueries queries;
    private final SharedSearch search;
    private final SharedPlan sharedPlan;
    private final OwnedReferences owned;
    private final OwnerSearch owners;
    private final GoneReferences nulled;
    private final Map<ReferenceOut, DistinctValues> written = new LinkedHashMap<>();
    private final Map<ReferenceOut, DistinctValues> standing = new LinkedHashMap<>();
    private final Map<ReferenceOut, Gone> goneOfWritten = new LinkedHashMap<>();
    private final Map<ReferenceOut, Gone> goneOfStanding = new LinkedHashMap<>();
    private final Map<ReferenceOut, Set<RowKey>> goneOfShared = new LinkedHashMap<>();
    private List<ReferenceOut> referencesOfTable = List.of();
    private SharedRows shared = SharedRows.NONE;
    private boolean searched;

    /**
     * @param then makes readers of rows of then that have not read anything yet
     * @param nulled references that NULL is already written for
     */
    ReferenceChecks(
            Connection connection,
            ArchiveReader archive,
            TargetTables target,
            RestoreRequest request,
            Supplier<ThenRows> then,
            Supplier<RowSorter> sorters,
            GoneReferences nulled) {
        this.target = target;
        this.request = request;
        this.queries = new ReferenceQueries(connection);
        this.search = new SharedSearch(target, request, then.get(), queries);
        this.sharedPlan = new SharedPlan(connection, target, request, then.get(), sorters);
        this.owned = new OwnedReferences(target, request, sorters);
        this.owners = new OwnerSearch(archive, target, request, then);
        this.nulled = nulled;
    }

    void beginTable(TableLayout table) {
        referencesOfTable = table.table().foreignKeys().stream()
                .filter(key -> !target.isTenantOwned(key.referenced())
                        || OwnedReferences.isOfInterest(target, table.table(), key))
                .map(key -> new ReferenceOut(table.table(), table.keyColumns(), key))
                .toList();
        owned.beginTable(table);
    }

    private boolean isOwned(ReferenceOut reference) {
        return target.isTenantOwned(reference.key().referenced());
    }

    /** A row that will be written. */
    void written(RowShape shape, Tuple row) {
        collect(shape, row, written);
        owned.written(shape, row);
    }

    /**
     * A row of then in whose place another lives that stays. Where that has NULL because the server has set it, or a
     * restore before, it is as it would be written.
     */
    void standing(RowShape shape, Tuple row) {
        if (request.references().writesNull()) {
            collect(shape, row, standing);
        }
    }

    private void collect(RowShape shape, Tuple row, Map<ReferenceOut, DistinctValues> into) {
        for (ReferenceOut reference : referencesOfTable) {
            List<Integer> columns =
                    reference.key().columns().stream().map(shape::sourceOf).toList();
            if (columns.stream().allMatch(column -> column >= 0)) {
                into.computeIfAbsent(reference, r -> new DistinctValues(PlanChecks.spoolDirectory(), columns.size()))
                        .add(row, columns);
            }
        }
    }

    static RowKey wholeKey(Tuple value) {
        return RowKey.ofColumns(
                value, IntStream.range(0, value.columnCount()).boxed().toList());
    }

    /** Those, and what was found for which NULL is to be written; the same when nothing was. Once all is merged. */
    GoneReferences withGoneReferences(GoneReferences known) {
        if (!request.references().writesNull()) {
            return known;
        }
        look();
        GoneReferences all = known;
        Set<ReferenceOut> references = new HashSet<>(goneOfWritten.keySet());
        references.addAll(goneOfStanding.keySet());
        for (ReferenceOut reference : references) {
            TableName from = reference.from().name();
            Set<RowKey> lost = known.has(from, reference.key()) ? Set.of() : lost(reference);
            if (!lost.isEmpty() && lost.size() <= MANY_GONE) {
                List<String> nulled = choice(reference).columns();
                all = nulled.isEmpty() ? all : all.and(from, new GoneReferences.Gone(reference.key(), nulled, lost));
            }
        }
        return all;
    }

    /** Values that lead nowhere and for which the archive has no row to bring back either. */
    private Set<RowKey> lost(ReferenceOut reference) {
        Set<RowKey> lost = new HashSet<>();
        if (search.isCutShort()) {
            return lost; // what was not looked for may be there
        }
        for (Map<ReferenceOut, Gone> of : List.of(goneOfWritten, goneOfStanding)) {
            Optional.ofNullable(of.get(reference)).ifPresent(gone -> lost.addAll(gone.values()));
        }
        lost.removeIf(value -> search.isFound(reference, value));
        return lost;
    }

    private void look() {
        if (searched) {
            return;
        }
        searched = true;
        written.forEach((reference, values) -> look(Referrer.WRITTEN, reference, values));
        standing.forEach((reference, values) -> look(Referrer.STANDING, reference, values));
        if (request.references().restoresSharedRows()) {
            goneOfWritten.forEach((reference, gone) -> search.ask(reference, gone.values(), true));
            goneOfStanding.forEach((reference, gone) -> search.ask(reference, gone.values(), false));
            search.run();
        }
        search.onward().forEach((reference, values) -> {
            if (OwnedReferences.isOfInterest(target, reference.from(), reference.key())) {
                int columns = reference.key().columns().size();
                owned.ask(
                        new Ask(Referrer.SHARED, reference),
                        values.stream().map(value -> value.values(columns)).toList());
            }
        });
        owned.gone().forEach((ask, values) -> {
            switch (ask.referrer()) {
                case WRITTEN -> goneOfWritten.put(ask.reference(), new Gone(values.size(), values));
                case STANDING -> goneOfStanding.put(ask.reference(), new Gone(values.size(), values));
                case SHARED -> goneOfShared.put(ask.reference(), values);
            }
        });
    }

    private void look(Referrer referrer, ReferenceOut reference, DistinctValues values) {
        if (isOwned(reference)) {
            forEachAbsent(reference, values, absent -> owned.ask(new Ask(referrer, reference), absent));
        } else {
            (referrer == Referrer.WRITTEN ? goneOfWritten : goneOfStanding).put(reference, gone(reference, values));
        }
    }

    private void forEachAbsent(ReferenceOut reference, DistinctValues values, Consumer<List<Tuple>> absent) {
        ForeignKey key = reference.key();
        Table to = target.table(key.referenced());
        values.forEachBatch(batch -> absent.accept(queries.absent(to, key.referencedColumns(), batch)));
    }

    private Gone gone(ReferenceOut reference, DistinctValues values) {
        ForeignKey key = reference.key();
        Table to = target.table(key.referenced());
        Set<RowKey> some = new HashSet<>();
        long[] count = new long[1];
        values.forEachBatch(batch -> queries.absent(to, key.referencedColumns(), batch)
                .forEach(value -> {
                    count[0]++;
                    if (some.size() <= MANY_GONE) {
                        some.add(wholeKey(value));
                    }
                }));
        return new Gone(count[0], some);
    }

    private NullChoice choice(ReferenceOut reference) {
        boolean matchFull =
                queries.isMatchFull(reference.from().name(), reference.key().name());
        return NullChoice.of(target, reference.from(), reference.keyThen(), reference.key(), matchFull);
    }

    /** Says what is in the way, and plans the shared rows that come back. */
    void report(List<Problem> problems, List<SchemaEffect> effects, List<String> notes) {
        look();
        goneOfWritten.forEach((reference, gone) -> {
            long found = gone.values().stream()
                    .filter(value -> search.isFound(reference, value))
                    .count();
            long all = gone.values().size() > MANY_GONE
                    ? gone.count()
                    : gone.values().size();
            if (all > found) {
                problems.add(problem(reference, all - found));
            }
        });
        nulled.forEach((table, gone) -> {
            if (target.isTenantOwned(gone.key().referenced())) {
                notes.add(table + ": rows of " + gone.key().referenced() + " that foreign key "
                        + gone.key().name() + " led to and that NULL is written for were "
                        + owners.whose(gone.key(), gone.values()));
            }
        });
        if (!request.references().restoresSharedRows()) {
            return;
        }
        problems.addAll(search.problems());
        search.onward().forEach((reference, gone) -> {
            long lost = isOwned(reference)
                    ? goneOfShared.getOrDefault(reference, Set.of()).size()
                    : gone.stream()
                            .filter(value -> !search.isFound(reference, value))
                            .count();
            if (lost > 0) {
                problems.add(problemOfShared(reference, lost));
            }
        });
        if (!search.isCutShort()) {
            shared = sharedPlan.of(search);
            problems.addAll(sharedPlan.problems());
            effects.addAll(sharedPlan.effects());
            notes.addAll(sharedPlan.notes());
            if (!shared.isEmpty()) {
                notes.add(note());
            }
        }
    }

    private String note() {
        return "shared rows that rows of then refer to and that are gone are brought back as they were: "
                + shared.tables().stream()
                        .map(table -> table.missing() + " of " + table.table())
                        .collect(Collectors.joining(", "));
    }

    /** Shared rows to bring back; known once it is reported. */
    SharedRows shared() {
        return shared;
    }

    private Problem problem(ReferenceOut reference, long rows) {
        TableName from = reference.from().name();
        ReferencePolicy policy = request.references();
        NullChoice choice = choice(reference);
        List<String> next = new ArrayList<>(
                List.of(isOwned(reference) ? "restore those tenants first" : "put those rows back first"));
        if (!policy.restoresSharedRows() && search.hindrance(reference.key()).isEmpty()) {
            next.add("have them brought back as they were with --references restore-shared-row");
        }
        if (!policy.writesNull() && !choice.columns().isEmpty()) {
            next.add("write NULL instead with --references "
                    + (policy.restoresSharedRows() ? "restore-shared-row-or-null" : "null"));
        }
        next.add("or leave out " + from + "." + reference.key().columns().getFirst());
        return new Problem(
                FailureKind.CONFLICT,
                from,
                rows,
                leadNowhere(reference, rows)
                        + whoseWords(reference)
                        + (policy.restoresSharedRows() ? whyNotRestored(reference) : "")
                        + (policy.writesNull() && !search.isCutShort() ? whyNotNull(choice, rows) : ""),
                String.join(", ", next));
    }

    private String whoseWords(ReferenceOut reference) {
        Gone gone = goneOfWritten.get(reference);
        return gone == null || !isOwned(reference) ? "" : "; they were " + owners.whose(reference.key(), gone.values());
    }

    private static String leadNowhere(ReferenceOut reference, long rows) {
        ForeignKey key = reference.key();
        return reference.from().name() + ": " + rows + " rows of " + key.referenced() + " that foreign key "
                + key.name() + " leads to no longer exist";
    }

    private String whyNotRestored(ReferenceOut reference) {
        if (search.isCutShort() && !isOwned(reference)) {
            return "; more than " + MANY_GONE + " shared rows are not brought back";
        }
        return "; they cannot be brought back: "
                + search.hindrance(reference.key()).orElse("the archive has none of them at " + request.position());
    }

    private Problem problemOfShared(ReferenceOut reference, long rows) {
        TableName from = reference.from().name();
        return new Problem(
                FailureKind.CONFLICT,
                from,
                rows,
                leadNowhere(reference, rows) + ", and shared rows to bring back refer to them"
                        + whyNotRestored(reference),
                "put those rows back first, or decide otherwise with --references");
    }

    private static String whyNotNull(NullChoice choice, long values) {
        if (choice.columns().isEmpty()) {
            return "; NULL cannot be written instead: " + choice.hindrance();
        }
        return values > MANY_GONE
                ? "; NULL is written instead of " + MANY_GONE + " of them at most"
                : "; NULL is not written instead of what --default gives";
    }

    @Override
    public void close() {
        written.values().forEach(DistinctValues::close);
        standing.values().forEach(DistinctValues::close);
        owned.close();
    }
}

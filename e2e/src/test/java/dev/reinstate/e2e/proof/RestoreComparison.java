package dev.reinstate.e2e.proof;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TenantId;
import dev.reinstate.restore.PlannedTenant;
import dev.reinstate.restore.RestoreRun;
import dev.reinstate.restore.TenantResult;
import dev.reinstate.restore.plan.RestorePolicy;
import dev.reinstate.restore.plan.RestoreRequest;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Restores a tenant into the live database and compares all of it with what plain SQL said before and then. */
final class RestoreComparison {
    private final Stage stage;
    private int attempts;
    private int restored;
    private int refused;
    private int skipped;

    RestoreComparison(Stage stage) {
        this.stage = stage;
    }

    /** How many restores came to their end. */
    int restored() {
        return restored;
    }

    /** How many were refused, as they had to be. */
    int refused() {
        return refused;
    }

    /** How many were not tried, because tables were others then. */
    int skipped() {
        return skipped;
    }

    /**
     * What differs afterwards; nothing is restored where the tables were others, or their rows uncertain.
     *
     * @param before what is true now
     */
    List<Difference> compare(ArchiveReader archive, String tenant, Truth then, Truth before) throws SQLException {
        if (!stage.canRestore(then, before)) {
            skipped++;
            return List.of();
        }
        List<String> violations = new Wanted(before, then, tenant).violations();
        Optional<ReinstateException> failure = restore(archive, tenant, then);
        Truth after = stage.look();
        String name = "restore of " + tenant + " to " + then.position();
        List<String> differences = new ArrayList<>();
        if (failure.isPresent()) {
            others(name, before, after, "", differences);
            if (violations.isEmpty() || failure.get().kind() != FailureKind.CONFLICT) {
                return List.of(new Difference(
                        "a restore fails with " + failure.get().kind(),
                        name + " failed: " + failure.get() + failure.get().details()));
            }
            refused++;
            return all("a refused restore writes", differences);
        }
        if (!violations.isEmpty()) {
            return List.of(new Difference("a restore goes through", name + " went through, although " + violations));
        }
        tenant(name, then, after, tenant, differences);
        others(name, before, after, tenant, differences);
        restored++;
        return all("a restore differs", differences);
    }

    private static List<Difference> all(String kind, List<String> differences) {
        return differences.stream().map(text -> new Difference(kind, text)).toList();
    }

    private Optional<ReinstateException> restore(ArchiveReader archive, String tenant, Truth then) {
        RestoreRun run = stage.restores(archive);
        RestoreRequest request =
                new RestoreRequest(new TenantId(tenant), then.position(), RestorePolicy.REPLACE, Set.of());
        PlannedTenant planned = run.plan(List.of(request)).getFirst();
        if (planned.plan().isEmpty()) {
            return planned.failure();
        }
        if (planned.plan().get().refusal().isPresent()) {
            return planned.plan().get().refusal();
        }
        TenantResult result =
                run.apply(List.of(planned.plan().get()), "proof-" + ++attempts).getFirst();
        return result.failure();
    }

    /** Rows that were loose are loose again, and the ledger has forgotten whose they were. */
    private static void tenant(String name, Truth then, Truth after, String tenant, List<String> differences) {
        then.of(tenant).forEach((oid, lines) -> {
            List<String> there = new ArrayList<>(after.of(tenant).getOrDefault(oid, List.of()));
            for (String line : lines) {
                if (!there.remove(line) && !after.loose().contains(new Truth.Row(oid, line))) {
                    differences.add(name + ": " + after.tables().get(oid) + " lacks " + line);
                }
            }
            surplus(name, oid, there, after, differences);
        });
        after.of(tenant).forEach((oid, lines) -> {
            if (!then.of(tenant).containsKey(oid)) {
                surplus(name, oid, lines, after, differences);
            }
        });
    }

    private static void surplus(String name, int oid, List<String> lines, Truth after, List<String> differences) {
        lines.stream()
                .filter(line -> !after.loose().contains(new Truth.Row(oid, line)))
                .forEach(line -> differences.add(name + ": surplus " + line));
    }

    /** Nobody else is touched; rows that were loose may be the tenant's again. */
    private static void others(String name, Truth before, Truth after, String tenant, List<String> differences) {
        TreeSet<String> owners = new TreeSet<>(before.rows().keySet());
        owners.addAll(after.rows().keySet());
        owners.remove(tenant);
        for (String owner : owners) {
            if (!firm(before, owner).equals(firm(after, owner))) {
                differences.add(name + ": rows of " + owner + " changed");
            }
        }
    }

    private static SortedMap<Integer, List<String>> firm(Truth truth, String owner) {
        SortedMap<Integer, List<String>> firm = new TreeMap<>();
        truth.of(owner).forEach((oid, lines) -> {
            List<String> rows = lines.stream()
                    .filter(line -> !truth.loose().contains(new Truth.Row(oid, line)))
                    .toList();
            if (!rows.isEmpty()) {
                firm.put(oid, rows);
            }
        });
        return firm;
    }
}

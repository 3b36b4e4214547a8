package dev.reinstate.restore.plan;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveReader.RowStream;
import dev.reinstate.archive.ArchiveReader.TenantSummary;
import dev.reinstate.archive.FoldedRow;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableName;
import dev.reinstate.postgres.catalogue.Table.ForeignKey;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Says whose rows were that are gone, as far as the archive tells: looks at one tenant after another, those first that
 * have no rows any more, then those that changed last, at so many tenants and rows for one plan and no more. Not
 * thread-safe.
 */
final class OwnerSearch {
    private static final int MOST_TENANTS = 100;
    private static final int MOST_ROWS = 1_000_000;

    private final ArchiveReader archive;
    private final TargetTables target;
    private final RestoreRequest request;
    private final Supplier<ThenRows> then;
    private int tenantsLeft = MOST_TENANTS;
    private int rowsLeft = MOST_ROWS;

    /** @param then makes readers of rows of then, under the names of now */
    OwnerSearch(ArchiveReader archive, TargetTables target, RestoreRequest request, Supplier<ThenRows> then) {
        this.archive = archive;
        this.target = target;
        this.request = request;
        this.then = then;
    }

    /** In words, for example {@code 2 of tenant a, 1 of tenant b, 3 not found among 100 tenants}. */
    String whose(ForeignKey key, Set<RowKey> values) {
        if (request.leavesOut(key.referenced())) {
            return "not looked for, since " + key.referenced() + " is left out";
        }
        Set<RowKey> left = new HashSet<>(values);
        Map<String, Long> found = new TreeMap<>();
        int looked = 0;
        for (TenantSummary tenant : others()) {
            if (left.isEmpty() || tenantsLeft == 0 || rowsLeft == 0) {
                break;
            }
            tenantsLeft--;
            looked++;
            long before = left.size();
            look(Partition.of(tenant.tenant()), key, left);
            if (left.size() < before) {
                found.put("tenant " + tenant.tenant(), before - left.size());
            }
        }
        long before = left.size();
        look(Partition.UNATTRIBUTED, key, left);
        if (left.size() < before) {
            found.put("nobody", before - left.size());
        }
        String words = found.entrySet().stream()
                .map(entry -> entry.getValue() + " of " + entry.getKey())
                .collect(Collectors.joining(", "));
        String rest = left.size() + " not found among " + looked + " other tenants"
                + (rowsLeft == 0 ? ", of which not all rows were read" : "");
        return left.isEmpty() ? words : words.isEmpty() ? rest : words + ", " + rest;
    }

    private List<TenantSummary> others() {
        return archive.tenants().stream()
                .filter(tenant -> !tenant.tenant().equals(request.tenant()))
                .sorted(Comparator.comparing((TenantSummary tenant) -> tenant.rows() > 0)
                        .thenComparing(TenantSummary::lastChange, Comparator.reverseOrder()))
                .toList();
    }

    private void look(Partition partition, ForeignKey key, Set<RowKey> left) {
        if (left.isEmpty()) {
            return;
        }
        TableName table = key.referenced();
        try (RowStream rows = then.get()
                .fold(partition, name -> name.equals(table) || target.root(name).equals(table), row -> true)) {
            while (rowsLeft > 0 && !left.isEmpty() && rows.hasNext()) {
                FoldedRow row = rows.next();
                rowsLeft--;
                List<Integer> columns = key.referencedColumns().stream()
                        .map(row.table()::indexOf)
                        .toList();
                if (!columns.contains(-1)) {
                    left.remove(RowKey.ofColumns(row.tuple(), columns));
                }
            }
        } catch (ReinstateException e) {
            if (e.kind() != FailureKind.NOT_RESTORABLE) {
                throw e; // else what the archive does not tell of that tenant stays unknown
            }
        }
    }
}

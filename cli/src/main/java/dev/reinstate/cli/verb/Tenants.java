package dev.reinstate.cli.verb;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveReader.RowStream;
import dev.reinstate.archive.ArchiveReader.TenantSummary;
import dev.reinstate.archive.ArchiveState.Range;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.NearNames;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TenantId;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The tenants an archive knows. */
final class Tenants {
    /** Who asks for many that do not exist has the wrong list, not as many slips of the pen. */
    private static final int SUGGESTED_FOR = 10;

    private final ArchiveReader archive;

    Tenants(ArchiveReader archive) {
        this.archive = archive;
    }

    /**
     * Whether the tenant's row in the tenant table, or without one every row, is gone at the newest restorable position. Its
     * rows are looked at only if the counts say so.
     */
    boolean isGone(TenantSummary summary) {
        if (summary.rows() == 0 || summary.roots() > 0) {
            return summary.rows() == 0;
        }
        Optional<TableName> tenantTable = archive.state().tenancyMap().tenantTable();
        List<Range> ranges = archive.ranges();
        if (ranges.isEmpty()) {
            return false;
        }
        try (RowStream rows = archive.fold(
                Partition.of(summary.tenant()),
                ranges.getLast().lastPosition(),
                table -> tenantTable.isEmpty() || isOrWas(table, tenantTable.get()))) {
            return !rows.hasNext();
        }
    }

    private boolean isOrWas(TableSchema table, TableName name) {
        return table.name().equals(name)
                || archive.salvagedCatalogueHistory().versions().stream()
                        .anyMatch(version ->
                                version.oid() == table.oid() && version.name().equals(name));
    }

    private static ReinstateException erased(TenantId tenant, ArchiveReader.Erasure erasure) {
        return ReinstateException.notRestorable(
                "Tenant " + tenant + " was erased",
                "its key was destroyed at " + erasure.time() + ", on purpose and for good: " + erasure.reason(),
                "nothing brings it back from this archive");
    }

    /**
     * {@code INVALID} unless the archive has seen all of them; every unknown one is named, the first few with near ones.
     * Where what may name one is damaged, it is not said to be unknown.
     */
    void requireKnown(List<TenantId> wanted) {
        List<TenantId> unknown = archive.unknown(wanted);
        if (unknown.isEmpty()) {
            return;
        }
        for (TenantId tenant : unknown) {
            archive.erasureOf(tenant).ifPresent(erasure -> {
                throw erased(tenant, erasure);
            });
        }
        throw new ReinstateException(
                FailureKind.INVALID,
                unknown.size() == 1
                        ? "There is no tenant " + unknown.getFirst()
                        : unknown.size() + " of these tenants do not exist",
                "the archive has no row of " + (unknown.size() == 1 ? "it" : "them")
                        + RetentionLines.notKept(archive)
                                .map(notKept -> "; " + notKept)
                                .orElse(""),
                "see `reinstate tenants`",
                nearNames(unknown),
                null);
    }

    private List<String> nearNames(List<TenantId> unknown) {
        List<String> known = archive.tenants().stream()
                .map(summary -> summary.tenant().value())
                .toList();
        return Stream.concat(
                        unknown.stream().limit(SUGGESTED_FOR).map(tenant -> nearNames(tenant, known)),
                        unknown.stream().skip(SUGGESTED_FOR).map(TenantId::value))
                .toList();
    }

    private static String nearNames(TenantId unknown, List<String> known) {
        List<String> near = NearNames.of(unknown.value(), known);
        return unknown + (near.isEmpty() ? ": nothing near it" : ": did you mean " + String.join(", ", near) + "?");
    }
}

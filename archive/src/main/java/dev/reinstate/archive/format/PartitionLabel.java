package dev.reinstate.archive.format;

import dev.reinstate.model.Partition;
import dev.reinstate.model.TenantId;

/** How a partition is written: its kind and, for a tenant's, the tenant's id. */
public final class PartitionLabel {
    private PartitionLabel() {}

    static int kind(Partition partition) {
        return switch (partition) {
            case Partition.OfTenant tenant -> 0;
            case Partition.Shared shared -> 1;
            case Partition.Unattributed unattributed -> 2;
            case Partition.StoreEvents events -> 3;
        };
    }

    static String id(Partition partition) {
        return partition instanceof Partition.OfTenant tenant ? tenant.tenant().value() : "";
    }

    public static void write(ByteSink sink, Partition partition) {
        sink.u8(kind(partition)).string(id(partition));
    }

    public static Partition read(ByteSource source) {
        int kind = source.u8();
        String id = source.string();
        return switch (kind) {
            case 0 -> Partition.of(new TenantId(id));
            case 1 -> Partition.SHARED;
            case 2 -> Partition.UNATTRIBUTED;
            case 3 -> Partition.STORE_EVENTS;
            default -> throw Damage.of("INV-8", "A partition of unknown kind " + kind, "it may be of a newer version");
        };
    }
}

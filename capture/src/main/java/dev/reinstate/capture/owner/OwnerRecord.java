package dev.reinstate.capture.owner;

import dev.reinstate.model.Partition;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TenantId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known about a row's owner: one byte of kind, then the tenant's id or what the row names its parent by: the
 * parent's key, other unique values of it, or the type of its table and its key. Unique values have records too, which
 * hold the key of the row that has them ({@code ROW}), and so have rows that are gone ({@code DEAD}): the tenant they had
 * last. Rows that named them while they were there lead to it still; what named them only afterwards ({@code ASTRAY}) is
 * as if there were no record, unless they are back when its transaction commits. A row that came to name one that is gone
 * and had a tenant keeps that, until the one it names is back ({@code LEFT}); the record of what is gone tells of it.
 * What unique values a row has is kept, too ({@code VALUES}): once it gives them up, they are as a row that is gone.
 *
 * <p>A record is made from a row's own values ({@code TENANT}, {@code PARENT}, {@code NOBODY}) or, where these do not
 * say it, from where the row is kept in the archive ({@code KEPT_BY}, {@code NOBODY}), so that walking a record always
 * ends at the partition that holds the row.
 */
public final class OwnerRecord {
    private static final byte TENANT = 'T';
    private static final byte PARENT = 'P';
    private static final byte ROW = 'K';
    private static final byte KEPT_BY = 'S';
    private static final byte NOBODY = 'U';
    private static final byte DEAD = 'D';
    private static final byte ASTRAY = 'A';
    private static final byte LEFT = 'L';
    private static final byte VALUES = 'V';

    /** No tenant's id has it. */
    private static final byte SEPARATOR = 0;

    /** Stands in a layer where a record was removed. */
    static final OwnerRecord REMOVED = new OwnerRecord(new byte[] {'-'});

    /** Stands in a layer where a row was touched and its record stayed as it is below. */
    static final OwnerRecord SAME = new OwnerRecord(new byte[] {'='});

    private static final OwnerRecord UNOWNED = new OwnerRecord(new byte[] {NOBODY});
    private static final OwnerRecord DEAD_UNOWNED = new OwnerRecord(new byte[] {DEAD});

    private final byte[] bytes;

    private OwnerRecord(byte[] bytes) {
        this.bytes = bytes;
    }

    static OwnerRecord tenant(byte[] source, int offset, int length) {
        return of(TENANT, source, offset, length);
    }

    static OwnerRecord parent(byte[] reference) {
        return of(PARENT, reference, 0, reference.length);
    }

    static OwnerRecord tenant(TenantId tenant) {
        byte[] id = tenant.value().getBytes(StandardCharsets.UTF_8);
        return of(TENANT, id, 0, id.length);
    }

    /** Of unique values: they are that row's. */
    public static OwnerRecord row(RowKey key) {
        return of(ROW, key.encoded(), 0, key.encoded().length);
    }

    /** Of a row: it has those unique values. */
    public static OwnerRecord values(OwnerKey values) {
        return of(VALUES, values.bytes(), 0, values.bytes().length);
    }

    /** Of unique values that a row has: where they are kept. */
    public OwnerKey valuesKey() {
        return OwnerKey.ofBytes(payload());
    }

    /** Whether it says what unique values a row has. */
    public boolean isValues() {
        return bytes[0] == VALUES;
    }

    /** The row lost what named its owner (ON DELETE SET NULL) and stays where it was. */
    public static OwnerRecord keptBy(Partition partition) {
        if (partition instanceof Partition.OfTenant owner) {
            byte[] id = owner.tenant().value().getBytes(StandardCharsets.UTF_8);
            return of(KEPT_BY, id, 0, id.length);
        }
        return UNOWNED;
    }

    /** The row is gone; those that named it before are still of the tenant it had. */
    public static OwnerRecord dead(Partition last) {
        byte[] kept = keptBy(last).bytes;
        return last instanceof Partition.OfTenant ? of(DEAD, kept, 1, kept.length - 1) : DEAD_UNOWNED;
    }

    /** Of a row that is gone: a row that this tenant keeps names it, too. */
    OwnerRecord leaving(Partition tenant) {
        OwnerRecord kept = keptBy(tenant);
        if (keepers().contains(kept)) {
            return this;
        }
        byte[] longer = Arrays.copyOf(bytes, bytes.length + kept.bytes.length);
        longer[bytes.length] = SEPARATOR;
        System.arraycopy(kept.bytes, 1, longer, bytes.length + 1, kept.bytes.length - 1);
        return new OwnerRecord(longer);
    }

    /** Of a row that is gone: where rows that name it are kept; first the tenant that it had. */
    List<OwnerRecord> keepers() {
        List<OwnerRecord> keepers = new ArrayList<>();
        int from = 1;
        for (int i = 1; i <= bytes.length; i++) {
            if (i == bytes.length || bytes[i] == SEPARATOR) {
                keepers.add(i == from ? UNOWNED : of(KEPT_BY, bytes, from, i - from));
                from = i + 1;
            }
        }
        return keepers;
    }

    /** The row has that tenant, and names a row that is not there; once that is, it belongs where that one does. */
    public static OwnerRecord left(Partition tenant, OwnerRecord reference) {
        OwnerRecord kept = keptBy(tenant);
        if (kept.isNobody()) {
            return kept;
        }
        byte[] named = reference.reference();
        byte[] left = Arrays.copyOf(kept.bytes, kept.bytes.length + 1 + named.length);
        left[0] = LEFT;
        left[kept.bytes.length] = SEPARATOR;
        System.arraycopy(named, 0, left, kept.bytes.length + 1, named.length);
        return new OwnerRecord(left);
    }

    /** Of a row that is left: who keeps it while what it names is not there. */
    OwnerRecord keeper() {
        return of(KEPT_BY, bytes, 1, separator() - 1);
    }

    private int separator() {
        int at = 1;
        while (bytes[at] != SEPARATOR) {
            at++;
        }
        return at;
    }

    /** The same reference, made when there was no such row. Only within a transaction. */
    OwnerRecord astray() {
        return of(ASTRAY, bytes, 1, bytes.length - 1);
    }

    /** What names a parent, as it is said once the parent is there; any other record as it is. */
    public OwnerRecord settled() {
        return isAstray() || isLeft() ? parent(reference()) : this;
    }

    /** No tenant could be found for the row. */
    public static OwnerRecord nobody() {
        return UNOWNED;
    }

    /** The record of those stored bytes. */
    public static OwnerRecord ofBytes(byte[] bytes) {
        return new OwnerRecord(bytes);
    }

    private static OwnerRecord of(byte kind, byte[] source, int offset, int length) {
        byte[] bytes = new byte[1 + length];
        bytes[0] = kind;
        System.arraycopy(source, offset, bytes, 1, length);
        return new OwnerRecord(bytes);
    }

    /** The stored form; not to be changed. */
    public byte[] bytes() {
        return bytes;
    }

    boolean namesParent() {
        return bytes[0] == PARENT || bytes[0] == ASTRAY || bytes[0] == LEFT;
    }

    /** What it names its parent by. */
    byte[] reference() {
        return isLeft() ? Arrays.copyOfRange(bytes, separator() + 1, bytes.length) : payload();
    }

    /** Whether it names a parent, and who keeps the row while that is not there. */
    public boolean isLeft() {
        return bytes[0] == LEFT;
    }

    /** Whether it names a parent that was not there when the row began to name it. */
    public boolean isAstray() {
        return bytes[0] == ASTRAY;
    }

    public boolean isDead() {
        return bytes[0] == DEAD;
    }

    public boolean namesRow() {
        return bytes[0] == ROW;
    }

    /** Whether it says whose a row is that is there; else the row is gone, or it is about unique values. */
    public boolean isOfRow() {
        return !isDead() && !namesRow() && !isValues();
    }

    boolean isRemoved() {
        return bytes[0] == '-';
    }

    boolean isSame() {
        return bytes[0] == '=';
    }

    public boolean isNobody() {
        return bytes[0] == NOBODY;
    }

    byte[] payload() {
        return Arrays.copyOfRange(bytes, 1, bytes.length);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof OwnerRecord owner && Arrays.equals(bytes, owner.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "OwnerRecord[" + (char) bytes[0] + ", " + (bytes.length - 1) + " bytes]";
    }
}

package dev.reinstate.objectstore.s3;

import dev.reinstate.objectstore.LockPolicy;

/**
 * How new objects are locked.
 *
 * @param mode {@code COMPLIANCE}: nobody can delete before the time, nor the account's owner. {@code GOVERNANCE}: those
 *     with a special permission can; this store never uses it
 * @param policy which objects, and for how long
 */
public record ObjectLock(Mode mode, LockPolicy policy) {
    /** S3's own modes. */
    public enum Mode {
        GOVERNANCE,
        COMPLIANCE
    }
}

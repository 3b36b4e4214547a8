package dev.reinstate.archive;

/**
 * What a copy did.
 *
 * @param manifests how many the copy did not have
 * @param lastManifest the number of its newest one now
 * @param objects images' parts, segments and catalogue objects copied
 * @param sizeBytes bytes of these
 * @param objectsThere objects that were looked for and were there already, of an interrupted run
 * @param objectsGone objects of the manifests copied that the archive itself does not have any more and no longer names
 * @param documents keys, receipts, pages and checkpoints copied
 * @param keysBeyond keys that are in the copy and not in the archive, though their tenant was not erased; they stay
 * @param keysErased keys of erased tenants that were destroyed in the copy
 */
public record CopyReport(
        long manifests,
        long lastManifest,
        long objects,
        long sizeBytes,
        long objectsThere,
        long objectsGone,
        long documents,
        long keysBeyond,
        long keysErased) {}

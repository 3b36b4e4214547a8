package dev.reinstate.archive.manifest;

import dev.reinstate.archive.format.ObjectId;

/**
 * A data object as a manifest names it.
 *
 * @param tailOffset where its schema section begins
 */
public record StoredObject(String key, ObjectId id, long sizeBytes, String sha256, long tailOffset, int blocks) {}

package dev.reinstate.archive;

import java.util.Optional;

/**
 * What an archive's keyring tells everybody.
 *
 * @param masterKey id of the key it is encrypted with; empty if it is not encrypted
 * @param rotations how often the master key was changed
 * @param dataKeys partitions' keys that are there: of tenants, shared rows, unattributed rows, store events
 */
public record KeyringSummary(Optional<String> masterKey, long rotations, long dataKeys) {}

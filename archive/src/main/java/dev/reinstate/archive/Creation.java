package dev.reinstate.archive;

import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.KeyringJson;
import dev.reinstate.archive.manifest.Manifest;
import dev.reinstate.archive.manifest.ManifestJson;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.StoreIdentity;
import dev.reinstate.model.TenancyMap;
import java.util.Arrays;

/** Makes an archive: a keyring if there is none, then manifest 1. */
final class Creation {
    private Creation() {}

    static void create(ArchiveObjects objects, StoreIdentity store, TenancyMap tenancyMap, ArchiveSettings settings) {
        objects.requireFencing();
        if (!objects.list(Keys.MANIFESTS, "", 1).isEmpty()) {
            throw exists();
        }
        // a keyring without an archive is taken over
        objects.putIfAbsent(KeyringJson.KEY, ArchiveKeys.newKeyring(settings));
        ArchiveKeys keys = ArchiveKeys.open(objects, settings);
        if (keys.partitions().isPresent() != settings.masterKey().isPresent()) {
            throw ReinstateException.conflict(
                    "The archive cannot be made",
                    "an earlier attempt left a keyring that is "
                            + (keys.partitions().isPresent() ? "encrypted" : "not encrypted"),
                    "remove the object `" + KeyringJson.KEY + "`, the only one there, and try again");
        }
        Manifest first = new Manifest(
                1,
                Manifest.NO_PREVIOUS,
                ManifestLog.random(settings, 16),
                ManifestLog.random(settings, 16),
                settings.clock().instant(),
                new Entry.ArchiveCreated(store, tenancyMap, keys.tokenKey().check()));
        byte[] manifest = ManifestJson.write(first, keys.documents());
        if (!objects.putIfAbsent(Keys.manifest(1), manifest)
                && !Arrays.equals(objects.get(Keys.manifest(1)), manifest)) {
            throw exists();
        }
    }

    private static ReinstateException exists() {
        return ReinstateException.conflict(
                "There is an archive here already", "it is never overwritten", "use it, or choose another place");
    }
}

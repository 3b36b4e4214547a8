package dev.reinstate.bench.product;

import dev.reinstate.bench.server.FolderTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What an archive takes.
 *
 * @param kinds by the first part of the objects' names: segments, manifests, …
 */
public record StoredBytes(SortedMap<String, Kind> kinds) {
    /** Objects of one kind. */
    public record Kind(long objects, long bytes) {}

    static StoredBytes of(Path archive) throws IOException {
        SortedMap<String, Kind> kinds = new TreeMap<>();
        try (Stream<Path> parts = Files.list(archive)) {
            for (Path part : parts.toList()) {
                String name = archive.relativize(part).toString();
                kinds.put(
                        name,
                        Files.isDirectory(part)
                                ? new Kind(FolderTree.files(part), FolderTree.sizeBytes(part))
                                : new Kind(1, Files.size(part)));
            }
        }
        return new StoredBytes(kinds);
    }

    public long bytes() {
        return kinds.values().stream().mapToLong(Kind::bytes).sum();
    }

    /** What has changed since, for people. */
    public String until(StoredBytes later) {
        return later.kinds.entrySet().stream()
                .filter(kind -> !kind.getValue().equals(kinds.get(kind.getKey())))
                .map(kind -> difference(kind.getKey(), kind.getValue()))
                .collect(Collectors.joining(", "));
    }

    private String difference(String name, Kind later) {
        Kind before = kinds.getOrDefault(name, new Kind(0, 0));
        return String.format(
                Locale.ROOT,
                "%s %+.1f MB in %+,d",
                name,
                (later.bytes() - before.bytes()) / 1e6,
                later.objects() - before.objects());
    }
}

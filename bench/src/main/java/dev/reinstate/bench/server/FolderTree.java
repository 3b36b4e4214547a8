package dev.reinstate.bench.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ObjLongConsumer;

/** Folders with all that is in them, also while somebody else adds to them or removes from them. */
public final class FolderTree {
    private FolderTree() {}

    /** Bytes of all files; 0 if there is no such folder. */
    public static long sizeBytes(Path folder) throws IOException {
        LongAdder sum = new LongAdder();
        forEachFile(folder, (file, size) -> sum.add(size));
        return sum.sum();
    }

    /** How many files there are; 0 if there is no such folder. */
    public static long files(Path folder) throws IOException {
        LongAdder count = new LongAdder();
        forEachFile(folder, (file, size) -> count.increment());
        return count.sum();
    }

    private static void forEachFile(Path folder, ObjLongConsumer<Path> consumer) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                consumer.accept(file, attributes.size());
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                return goneOr(failure);
            }
        });
    }

    /** Goes on where something was gone between two looks. */
    private static FileVisitResult goneOr(IOException failure) throws IOException {
        if (failure instanceof NoSuchFileException) {
            return FileVisitResult.CONTINUE;
        }
        throw failure;
    }

    /** Copies a folder; no effect if there is none. */
    public static void copy(Path source, Path target) throws IOException {
        if (!Files.exists(source)) {
            return;
        }
        try (var paths = Files.walk(source)) {
            paths.forEach(path -> {
                try {
                    Files.copy(path, target.resolve(source.relativize(path)));
                } catch (IOException e) {
                    throw new UncheckedIOException("cannot copy " + path, e);
                }
            });
        }
    }

    /** Removes a folder; no effect if there is none. Somebody else may do the same meanwhile. */
    public static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                return goneOr(failure);
            }

            @Override
            public FileVisitResult postVisitDirectory(
                    Path visited, @org.jspecify.annotations.Nullable IOException failure) throws IOException {
                Files.deleteIfExists(visited);
                return failure == null ? FileVisitResult.CONTINUE : goneOr(failure);
            }
        });
    }
}

package dev.reinstate.objectstore;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Folders that survive a loss of power. A folder that is there may have been made by a thread or a process that did not
 * live to sync it: so this process syncs the way to each once, whoever made it. Safe for several threads.
 */
final class DurableFolders {
    private final Path root;
    private final Set<Path> durable = ConcurrentHashMap.newKeySet();

    DurableFolders(Path root) {
        this.root = root;
    }

    /** Makes the root with every folder above it that is missing. */
    void makeRoot() throws IOException {
        make(root);
    }

    private static void make(Path folder) throws IOException {
        Path parent = parentOf(folder);
        if (Files.isDirectory(folder) || parent.equals(folder)) {
            return;
        }
        make(parent);
        Files.createDirectories(folder);
        sync(parent);
    }

    /** Makes a folder at or under the root, and sees to it that it lasts. */
    void require(Path folder) throws IOException {
        if (durable.contains(folder) && Files.isDirectory(folder)) {
            return;
        }
        if (folder.equals(root)) {
            syncAbove(root);
        } else {
            require(parentOf(folder));
            Files.createDirectories(folder);
            sync(parentOf(folder));
        }
        durable.add(folder);
    }

    /** The whole way: who made it may have died after any folder of it. One that cannot be read is somebody else's. */
    private static void syncAbove(Path folder) throws IOException {
        for (Path above = folder.getParent(); above != null; above = above.getParent()) {
            try {
                sync(above);
            } catch (AccessDeniedException e) {
                // who may not look into it did not make what is in it
            }
        }
    }

    /** Makes names that came and went in a folder last. */
    static void sync(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    static Path parentOf(Path path) {
        Path parent = path.getParent();
        return parent == null ? path : parent;
    }
}

package dev.reinstate.objectstore;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a disk promises, and no more: bytes of a file last once the file was synced, names in a folder once the folder
 * was. Until then each write may be lost, whole or torn, in any order, and of what happened to a name any of its states
 * since the last sync may be found.
 */
final class UnsyncedDisk {
    private final Node root = new Node(true);
    private Runnable afterOperation = () -> {};

    /** A file's bytes or a folder's names. */
    static final class Node {
        private final boolean isFolder;
        private byte[] durable = new byte[0];
        private final List<Write> unsynced = new ArrayList<>();
        private final Map<String, List<Entry>> names = new HashMap<>();

        private Node(boolean isFolder) {
            this.isFolder = isFolder;
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Write(long offset, byte[] bytes) {}

    /** What a name stands for; nothing if it was removed. */
    private record Entry(@Nullable Node node) {}

    /** Called after everything that reaches the disk. */
    void afterEach(Runnable action) {
        afterOperation = action;
    }

    void makeFolder(Path path) {
        name(path, new Node(true));
    }

    Node makeFile(Path path) {
        Node file = new Node(false);
        name(path, file);
        return file;
    }

    void link(Path path, Path existing) {
        name(path, require(existing));
    }

    void remove(Path path) {
        name(path, null);
    }

    void move(Path from, Path to) {
        Node moved = require(from);
        now(parent(to), to.getFileName().toString(), moved);
        now(parent(from), from.getFileName().toString(), null);
        afterOperation.run();
    }

    void write(Node file, long offset, ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        file.unsynced.add(new Write(offset, copy));
        afterOperation.run();
    }

    void sync(Node node) {
        if (node.isFolder) {
            node.names
                    .values()
                    .forEach(states -> states.subList(0, states.size() - 1).clear());
        } else {
            for (Write write : node.unsynced) {
                node.durable = written(node.durable, write.offset, write.bytes, write.bytes.length);
            }
            node.unsynced.clear();
        }
        afterOperation.run();
    }

    Node require(Path path) {
        Node node = root;
        if (path.toString().isEmpty()) {
            return node;
        }
        for (Path part : path) {
            Node next = node.names
                    .getOrDefault(part.toString(), List.of(new Entry(null)))
                    .getLast()
                    .node;
            if (next == null) {
                throw new IllegalStateException("the model lacks " + path);
            }
            node = next;
        }
        return node;
    }

    private void name(Path path, @Nullable Node node) {
        now(parent(path), path.getFileName().toString(), node);
        afterOperation.run();
    }

    private Node parent(Path path) {
        Path parent = path.getParent();
        return parent == null ? root : require(parent);
    }

    private static void now(Node folder, String name, @Nullable Node node) {
        folder.names
                .computeIfAbsent(name, key -> new ArrayList<>(List.of(new Entry(null))))
                .add(new Entry(node));
    }

    private static byte[] written(byte[] before, long offset, byte[] bytes, int length) {
        byte[] after = java.util.Arrays.copyOf(before, (int) Math.max(before.length, offset + length));
        System.arraycopy(bytes, 0, after, (int) offset, length);
        return after;
    }

    /** One of the states that may be found when the power is back: every file that can be reached, by its path. */
    SortedMap<String, byte[]> afterPowerLoss(RandomGenerator random) {
        SortedMap<String, byte[]> files = new TreeMap<>();
        collect(root, "", random, new HashMap<>(), files);
        return files;
    }

    private static void collect(
            Node folder, String path, RandomGenerator random, Map<Node, byte[]> known, SortedMap<String, byte[]> into) {
        folder.names.forEach((name, states) -> {
            Node found = states.get(random.nextInt(states.size())).node;
            String full = path.isEmpty() ? name : path + "/" + name;
            if (found != null && found.isFolder) {
                collect(found, full, random, known, into);
            } else if (found != null) {
                into.put(full, known.computeIfAbsent(found, file -> content(file, random)));
            }
        });
    }

    private static byte[] content(Node file, RandomGenerator random) {
        byte[] content = file.durable;
        List<Write> order = new ArrayList<>(file.unsynced);
        while (!order.isEmpty()) {
            Write write = order.remove(random.nextInt(order.size()));
            int length = random.nextInt(3) == 0 ? random.nextInt(write.bytes.length + 1) : write.bytes.length;
            if (random.nextBoolean()) {
                content = written(content, write.offset, write.bytes, length);
            }
        }
        return content;
    }

    /** Makes a state real, in an empty folder. */
    static void materialise(SortedMap<String, byte[]> files, Path folder) throws IOException {
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Path path = folder.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.write(path, file.getValue());
        }
    }
}

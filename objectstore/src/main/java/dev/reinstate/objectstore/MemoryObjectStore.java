package dev.reinstate.objectstore;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** Objects in memory, gone with the process: for tests and scratch archives. */
public final class MemoryObjectStore implements ObjectStore {
    private final ConcurrentNavigableMap<String, byte[]> objects = new ConcurrentSkipListMap<>();

    @Override
    public Capabilities capabilities() {
        return new Capabilities(true, true, true);
    }

    @Override
    public ObjectWriter create(String key) {
        return new MemoryWriter(ObjectKey.require(key));
    }

    @Override
    public byte[] get(String key) {
        return content(key).clone();
    }

    @Override
    public byte[] getRange(String key, long offset, int length) {
        byte[] content = content(key);
        if (offset < 0 || length < 0 || offset + length > content.length) {
            throw ObjectStoreException.invalid(
                    "Bytes " + offset + " to " + (offset + length) + " of " + key, "it has " + content.length);
        }
        return Arrays.copyOfRange(content, (int) offset, (int) offset + length);
    }

    @Override
    public OptionalLong size(String key) {
        byte[] content = objects.get(ObjectKey.require(key));
        return content == null ? OptionalLong.empty() : OptionalLong.of(content.length);
    }

    @Override
    public List<ObjectSummary> list(String prefix, String startAfter, int limit) {
        List<ObjectSummary> found = new ArrayList<>();
        boolean afterPrefix = startAfter.compareTo(prefix) >= 0;
        for (Map.Entry<String, byte[]> entry :
                objects.tailMap(afterPrefix ? startAfter : prefix, !afterPrefix).entrySet()) {
            if (found.size() >= limit || !entry.getKey().startsWith(prefix)) {
                break;
            }
            found.add(new ObjectSummary(entry.getKey(), entry.getValue().length));
        }
        return found;
    }

    @Override
    public void delete(String key) {
        objects.remove(ObjectKey.require(key));
    }

    @Override
    public void replace(String key, byte[] content) {
        objects.put(ObjectKey.require(key), content.clone());
    }

    @Override
    public void close() {
        // nothing is held
    }

    private byte[] content(String key) {
        byte[] content = objects.get(ObjectKey.require(key));
        if (content == null) {
            throw ObjectStoreException.absent(key);
        }
        return content;
    }

    private final class MemoryWriter implements ObjectWriter {
        private final String key;
        private final ByteArrayOutputStream content = new ByteArrayOutputStream();
        private boolean closed;

        private MemoryWriter(String key) {
            this.key = key;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            requireOpen();
            content.write(bytes, offset, length);
        }

        @Override
        public long sizeBytes() {
            return content.size();
        }

        @Override
        public void publish() {
            requireOpen();
            closed = true;
            if (objects.putIfAbsent(key, content.toByteArray()) != null) {
                throw ObjectStoreException.exists(key);
            }
        }

        @Override
        public void close() {
            closed = true;
        }

        private void requireOpen() {
            if (closed) {
                throw ObjectStoreException.invalid("Writing " + key, "it is published or abandoned");
            }
        }
    }
}

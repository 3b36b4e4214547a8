package dev.reinstate.archive;

import dev.reinstate.archive.format.Damage;
import dev.reinstate.archive.format.EncryptionKey;
import dev.reinstate.archive.format.ObjectKeys;
import dev.reinstate.archive.format.Token;
import dev.reinstate.archive.manifest.DataKeyJson;
import dev.reinstate.model.ReinstateException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The partitions' data keys, each in an object of its own that is made when the partition is first written. Finding and
 * making them takes a few round trips each, so writers {@link #prepare} them ahead, many at a time. Thread-safe.
 */
final class PartitionKeys implements ObjectKeys {
    private static final int MAX_KNOWN = 200_000;
    private static final int AT_ONCE = 16;
    private static final Executor THREADS = task -> Thread.ofVirtual().start(task);

    private final ArchiveObjects objects;
    private final RandomGenerator random;
    private final String archive;
    private final EncryptionKey archiveKey;
    private final EncryptionKey metadataKey;
    private final Map<Name, CompletableFuture<EncryptionKey>> known = new ConcurrentHashMap<>();
    private final Map<Token, Integer> generations = new ConcurrentHashMap<>();
    private final Semaphore slots = new Semaphore(AT_ONCE);

    PartitionKeys(
            ArchiveObjects objects,
            RandomGenerator random,
            String archive,
            EncryptionKey archiveKey,
            EncryptionKey metadataKey) {
        this.objects = objects;
        this.random = random;
        this.archive = archive;
        this.archiveKey = archiveKey;
        this.metadataKey = metadataKey;
    }

    /** A key: of a partition, and which of those it has had. */
    private record Name(Token token, int generation) {
        String key() {
            return Keys.dataKey(token, generation);
        }

        String context(String archive) {
            return "reinstate/data-key/" + archive + "/" + token + "/" + generation;
        }
    }

    /** A key for the case that there is none, drawn where the order of draws is certain. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Draw(EncryptionKey key, byte[] salt) {}

    /** Begins to find the partition's key, or to make it; failures come from {@link #forWriting}. */
    void prepare(Token token) {
        CompletableFuture<EncryptionKey> ignored = findOrMake(current(token));
    }

    private CompletableFuture<EncryptionKey> findOrMake(Name name) {
        CompletableFuture<EncryptionKey> begun = known.get(name);
        if (begun != null) {
            return begun;
        }
        byte[] salt = new byte[EncryptionKey.SALT_BYTES];
        random.nextBytes(salt);
        Draw draw = new Draw(EncryptionKey.random(random), salt);
        return begin(name, () -> find(name).orElseGet(() -> make(name, draw)), THREADS);
    }

    private Name current(Token token) {
        return new Name(token, generations.getOrDefault(token, 0));
    }

    private CompletableFuture<EncryptionKey> begin(Name name, Supplier<EncryptionKey> finding, Executor executor) {
        if (known.size() >= MAX_KNOWN) {
            known.clear();
        }
        CompletableFuture<EncryptionKey> begun = new CompletableFuture<>();
        CompletableFuture<EncryptionKey> earlier = known.putIfAbsent(name, begun);
        if (earlier != null) {
            return earlier;
        }
        executor.execute(() -> complete(begun, finding));
        return begun;
    }

    private void complete(CompletableFuture<EncryptionKey> begun, Supplier<EncryptionKey> finding) {
        slots.acquireUninterruptibly();
        try {
            begun.complete(finding.get());
        } catch (RuntimeException e) {
            begun.completeExceptionally(e);
        } finally {
            slots.release();
        }
    }

    @Override
    public DataKey forWriting(Token token) {
        Name name = current(token);
        return new DataKey(await(name, findOrMake(name)), name.generation);
    }

    /** From now on, blocks of the tenant are under a key of that generation, and older ones are erased. */
    void advance(Token token, int generation) {
        generations.merge(token, generation, Math::max);
    }

    /** The same, but makes no key: for what is written anew of what can be read. */
    ObjectKeys existing() {
        return new Existing();
    }

    private final class Existing implements ObjectKeys {
        @Override
        public DataKey forWriting(Token token) {
            int generation = current(token).generation;
            return new DataKey(forReading(token, generation), generation);
        }

        @Override
        public boolean isErased(Token token, int generation) {
            return PartitionKeys.this.isErased(token, generation);
        }

        @Override
        public void prepareReading(Token token) {
            PartitionKeys.this.prepareReading(token);
        }

        @Override
        public EncryptionKey forReading(Token token, int generation) {
            return PartitionKeys.this.forReading(token, generation);
        }

        @Override
        public EncryptionKey metadata() {
            return metadataKey;
        }
    }

    @Override
    public boolean isErased(Token token, int generation) {
        return generation < current(token).generation;
    }

    /** Destroys the tenant's keys before its current one; {@code UNAVAILABLE} if one is still there afterwards. */
    void destroyErased(Token token) {
        for (int generation = 0; generation < current(token).generation; generation++) {
            Name name = new Name(token, generation);
            objects.delete(name.key());
            known.remove(name);
            if (objects.size(name.key()).isPresent()) {
                throw ReinstateException.unavailable(
                        "The key " + name.key() + " is still there",
                        "it was deleted, and can be read again (INV-22)",
                        "keys must not be under a retention lock: lift it, then run `reinstate shred` again",
                        null);
            }
        }
    }

    @Override
    public void prepareReading(Token token) {
        Name name = current(token);
        CompletableFuture<EncryptionKey> begun = begin(name, () -> find(name).orElseThrow(() -> lost(name)), THREADS);
        CompletableFuture<EncryptionKey> ignored = begun.whenComplete((key, failure) -> {
            if (failure != null) {
                known.remove(name, begun);
            }
        });
    }

    @Override
    public EncryptionKey forReading(Token token, int generation) {
        Name name = new Name(token, generation);
        return await(name, begin(name, () -> find(name).orElseThrow(() -> lost(name)), Runnable::run));
    }

    /** A failure is not remembered: the next caller tries again. */
    private EncryptionKey await(Name name, CompletableFuture<EncryptionKey> begun) {
        try {
            return begun.join();
        } catch (CompletionException e) {
            known.remove(name, begun);
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private Optional<EncryptionKey> find(Name name) {
        return objects.find(name.key()).map(document -> {
            byte[] wrapped = DataKeyJson.read(name.key(), document, name.token, name.generation);
            return new EncryptionKey(archiveKey.open(wrapped, name.context(archive), "Object " + name.key()));
        });
    }

    private EncryptionKey make(Name name, Draw draw) {
        byte[] wrapped = archiveKey.seal(draw.key.bytes(), name.context(archive), draw.salt);
        boolean isMade = objects.putIfAbsent(name.key(), DataKeyJson.write(name.token, name.generation, wrapped));
        return isMade ? draw.key : find(name).orElseThrow(() -> lost(name));
    }

    @Override
    public EncryptionKey metadata() {
        return metadataKey;
    }

    private static ReinstateException lost(Name name) {
        return Damage.of("INV-21", "Object " + name.key(), "it is the key of a partition's blocks, and is not there");
    }
}

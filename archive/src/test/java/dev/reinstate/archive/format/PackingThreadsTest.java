package dev.reinstate.archive.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.Column;
import dev.reinstate.model.Partition;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TenantId;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PackingThreadsTest {
    private static final int LEVEL = 1;

    /** Keys that follow from the token. */
    private static final class FixedKeys implements ObjectKeys {
        private final EncryptionKey metadata = new EncryptionKey(new byte[32]);

        @Override
        public DataKey forWriting(Token token) {
            return new DataKey(forReading(token, 0), 0);
        }

        @Override
        public boolean isErased(Token token, int generation) {
            return false;
        }

        @Override
        public void prepareReading(Token token) {}

        @Override
        public EncryptionKey forReading(Token token, int generation) {
            byte[] key = new byte[32];
            key[0] = (byte) token.high();
            return new EncryptionKey(key);
        }

        @Override
        public EncryptionKey metadata() {
            return metadata;
        }
    }

    /** An object of partitions of several sizes, with rows too large for a block among them. */
    private static byte[] object(Optional<ObjectKeys> keys, @Nullable PackingThreads threads) {
        Random random = new Random(42);
        TableSchema table = new TableSchema(
                1000, TableName.parse("public.t"), List.of(new Column(1, "id", 25, "text")), List.of(0));
        SchemaTable schemas = new SchemaTable();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (Compression compression = new Compression(LEVEL)) {
            DataObjectWriter writer = new DataObjectWriter(
                    bytes::write,
                    ObjectKind.IMAGE_PART,
                    new ObjectId("00".repeat(16)),
                    schemas,
                    new CommitTable(),
                    List.of(),
                    new Packing(compression, keys, threads));
            RawRecord record = new RawRecord();
            record.operation = 'I';
            record.commit = RawRecord.NO_COMMIT;
            record.oid = table.oid();
            record.schema = schemas.numberOf(table);
            for (int partition = 1; partition <= 20; partition++) {
                record.token(new Token(partition, 0));
                record.partition = Partition.of(new TenantId("site-" + partition));
                for (int row = 0; row < partition * 100; row++) {
                    record.key("%08d".formatted(row).getBytes(StandardCharsets.UTF_8));
                    byte[] tuple = new byte[row % 400 == 7 ? 300 << 10 : 1_000];
                    random.nextBytes(tuple);
                    record.tuple(tuple);
                    writer.add(record);
                    random.nextBytes(tuple); // the bytes are the writer's only until then
                }
            }
            DataObjectWriter.Summary summary = writer.finish();
            assertThat(summary.sizeBytes()).isEqualTo(bytes.size());
            assertThat(summary.blocks()).isGreaterThan(50);
        }
        return bytes.toByteArray();
    }

    @ParameterizedTest(name = "encrypted {0}")
    @ValueSource(booleans = {false, true})
    void threadsWriteTheSameBytes(boolean encrypted) {
        Optional<ObjectKeys> keys = encrypted ? Optional.of(new FixedKeys()) : Optional.empty();
        try (PackingThreads threads = new PackingThreads(LEVEL)) {
            assertThat(object(keys, threads)).isEqualTo(object(keys, null));
        }
    }
}

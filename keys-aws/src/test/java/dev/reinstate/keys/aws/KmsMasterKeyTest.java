package dev.reinstate.keys.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.archive.Archive;
import dev.reinstate.archive.ArchiveSettings;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.StoreIdentity;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.objectstore.MemoryObjectStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** Against {@link FakeKms}: it shows the calls and what becomes of their failures, not that AWS takes them. */
final class KmsMasterKeyTest {
    private static final String FIRST =
            "arn:aws:kms:eu-central-1:111122223333:key/0d990263-018e-4e65-a703-eff731de951e";
    private static final String SECOND = FIRST.replace("0d99", "1e00");
    private static final byte[] PLAIN = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final FakeKms kms = new FakeKms();

    @AfterEach
    void close() {
        kms.close();
    }

    private KmsMasterKey key(String arn) {
        return KmsMasterKey.of(
                arn,
                StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")),
                Optional.of(kms.uri()));
    }

    @Test
    void whatItWrapsItUnwrapsInTheSameContextOnly() {
        KmsMasterKey key = key(FIRST);
        assertThat(key.id()).isEqualTo(FIRST);
        byte[] wrapped = key.wrap(PLAIN, "a");
        assertThat(key.unwrap(wrapped, "a")).isEqualTo(PLAIN);
        assertKind(FailureKind.DAMAGED, "InvalidCiphertextException", () -> key.unwrap(wrapped, "b"));
        assertKind(
                FailureKind.DAMAGED,
                "InvalidCiphertextException",
                () -> key(SECOND).unwrap(wrapped, "a"));
    }

    @ParameterizedTest
    @CsvSource({
        "AccessDeniedException, REFUSED",
        "DisabledException, REFUSED",
        "NotFoundException, REFUSED",
        "KMSInvalidStateException, REFUSED",
        "DependencyTimeoutException, UNAVAILABLE",
        "ExpiredTokenException, UNAVAILABLE"
    })
    void itsFailuresSayWhoMustAct(String code, FailureKind kind) {
        kms.failWith(code);
        assertKind(kind, code, () -> key(FIRST).wrap(PLAIN, "a"));
    }

    @Test
    void aServiceThatIsNotThereIsUnavailable() {
        KmsMasterKey key = key(FIRST);
        kms.close();
        assertKind(FailureKind.UNAVAILABLE, FIRST, () -> key.wrap(PLAIN, "a"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0d990263-018e-4e65-a703-eff731de951e",
                "alias/backup",
                "arn:aws:kms:eu-central-1:111122223333:alias/backup"
            })
    void onlyAKeysOwnArnNamesIt(String text) {
        assertKind(FailureKind.INVALID, "ARN of a KMS key", () -> KmsMasterKey.of(text));
    }

    @Test
    void anArchiveIsOpenedWithIt(@TempDir Path directory) {
        MemoryObjectStore objects = new MemoryObjectStore();
        ArchiveSettings settings = ArchiveSettings.defaults(directory).withMasterKey(() -> key(FIRST));
        TableName site = new TableName("public", "site");
        TenancyMap map = new TenancyMap(
                Optional.of(site), Optional.empty(), new TreeMap<>(Map.of(site, new TableRule.TenantTable("id"))));
        Archive.create(objects, new StoreIdentity(1, 1, "app"), map, settings);
        assertThat(Archive.openReader(objects, settings).state().tenancyMap()).isEqualTo(map);
        assertThat(Archive.keyring(objects).masterKey()).hasValue(FIRST);
        Archive.changeMasterKey(objects, settings, key(SECOND));
        assertKind(FailureKind.INVALID, SECOND, () -> Archive.openReader(objects, settings));
        Archive.openReader(objects, settings.withMasterKey(() -> key(SECOND)));
    }

    private static void assertKind(FailureKind kind, String part, Runnable call) {
        assertThatThrownBy(call::run).isInstanceOfSatisfying(ReinstateException.class, e -> {
            assertThat(e.kind()).isEqualTo(kind);
            assertThat(e.getMessage()).contains(part);
        });
    }
}

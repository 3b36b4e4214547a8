package dev.reinstate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.archive.Archive;
import dev.reinstate.archive.ArchiveSettings;
import dev.reinstate.archive.ArchiveWriter;
import dev.reinstate.archive.DamageListener;
import dev.reinstate.archive.ImageWriter;
import dev.reinstate.archive.KeyFile;
import dev.reinstate.cli.terminal.Spoken;
import dev.reinstate.cli.verb.ReceiptVerifyVerb;
import dev.reinstate.model.Column;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.StoreIdentity;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.model.TenantId;
import dev.reinstate.model.Tuple;
import dev.reinstate.objectstore.FileObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import dev.reinstate.restore.plan.RestorePolicy;
import dev.reinstate.restore.receipt.MetDamage;
import dev.reinstate.restore.receipt.Moment;
import dev.reinstate.restore.receipt.Receipt;
import dev.reinstate.restore.receipt.Receipts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A receipt is exported, handed on and verified years later, by people with and without the archive. */
class ReceiptVerifyTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-03-01T12:00:00Z"), ZoneOffset.UTC);
    private static final StoreIdentity STORE = new StoreIdentity(7, 1, "shop");
    private static final TenantId ACME = new TenantId("acme");
    private static final Lsn IMAGE = new Lsn(0x1000);
    private static final TableName SITE = TableName.parse("public.site");
    private static final TenancyMap TENANCY = new TenancyMap(
            Optional.of(SITE), Optional.empty(), new TreeMap<>(Map.of(SITE, new TableRule.TenantTable("id"))));

    @TempDir
    private Path folder;

    private Spoken spoken = new Spoken();

    private String file(String name) {
        return folder.resolve(name).toString();
    }

    private int run(String... arguments) {
        spoken = new Spoken();
        return Main.run(spoken.unwatched(), Map.of(), arguments);
    }

    /** In the archive of that name, with its key file beside it. */
    private int runIn(String archive, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--archive", file(archive), "--key-file", file(archive + ".key")));
        return run(all.toArray(String[]::new));
    }

    /** Makes an archive with one receipt, whose id it returns. */
    private String archive(String name, boolean encrypted) {
        ArchiveSettings settings = ArchiveSettings.defaults(folder.resolve("spill"));
        if (encrypted) {
            KeyFile key = KeyFile.create(folder.resolve(name + ".key"), new SecureRandom());
            settings = settings.withMasterKey(() -> key);
        }
        try (ObjectStore objects = FileObjectStore.open(folder.resolve(name))) {
            Archive.create(objects, STORE, TENANCY, settings);
            Receipts receipts = new Receipts(
                    Archive.receipts(objects, settings), Archive.openReader(objects, settings), CLOCK, new Random(1));
            String id = receipts.newId();
            receipts.put(receipt(id, List.of()));
            return id;
        }
    }

    private static Receipt receipt(String id, List<Receipt.Tenant> tenants) {
        return new Receipt(
                Receipt.VERSION,
                id,
                CLOCK.instant(),
                STORE.toString(),
                "localhost/shop",
                true,
                RestorePolicy.REPLACE,
                tenants,
                List.of());
    }

    @Test
    void theDocumentIsAsItIsWrittenDown() {
        String id = archive("a", true);
        assertThat(runIn("a", "receipt", "verify", id, "--json")).isZero();
        String line = "\"[0-9a-f]{%d}\"";
        assertThat(spoken.out().strip()).matches("""
                        \\{
                          "receipt" : "%s",
                          "signature" : "VALID",
                          "key" : "ed25519:[0-9a-f]{16}",
                          "archive" : %s,
                          "manifest" : 1,
                          "manifestSha256" : %s,
                          "chain" : "IN_CHAIN",
                          "createdAt" : "2026-03-01T12:00:00Z",
                          "target" : "localhost/shop",
                          "tenants" : \\[ \\],
                          "otherTenants" : null
                        \\}""".formatted(id, line.formatted(32), line.formatted(64)));
    }

    @Test
    void aFileAndThePublicKeyAreEnough() throws IOException {
        String id = archive("a", true);
        assertThat(runIn("a", "keys", "public", "--to", file("key.pem"))).isZero();
        assertThat(runIn("a", "keys", "public")).isZero();
        assertThat(spoken.out()).isEqualTo(Files.readString(folder.resolve("key.pem")));
        assertThat(runIn("a", "receipt", "export", id, "--to", file("it.receipt")))
                .isZero();
        assertThat(runIn("a", "receipt", "export", id, "--to", file("it.receipt")))
                .isEqualTo(FailureKind.CONFLICT.exitCode());

        assertThat(run("receipt", "verify", file("it.receipt"), "--public-key", file("key.pem")))
                .isZero();
        assertThat(spoken.out()).contains("is what was signed", "no archive was looked at", "not applicable");
        assertThat(runIn("a", "receipt", "verify", file("it.receipt"))).isZero();
        assertThat(spoken.out()).contains("in this archive's chain");

        String text = Files.readString(folder.resolve("it.receipt"));
        Files.writeString(folder.resolve("it.receipt"), text.replace("\"payload\":\"ey", "\"payload\":\"eX"));
        assertThat(run("receipt", "verify", file("it.receipt"), "--public-key", file("key.pem")))
                .isEqualTo(FailureKind.DAMAGED.exitCode());
        assertThat(run("receipt", "verify", file("none"), "--public-key", file("key.pem")))
                .isEqualTo(FailureKind.INVALID.exitCode());
        assertThat(runIn("a", "keys", "public", "--new-key-file", file("new.key")))
                .isEqualTo(FailureKind.INVALID.exitCode());
    }

    @Test
    void afterTheMasterKeyWasChangedTheOldPublicKeyStillVerifies() {
        String id = archive("a", true);
        assertThat(runIn("a", "keys", "public", "--to", file("key.pem"))).isZero();
        assertThat(runIn("a", "keys", "rotate", "--new-key-file", file("next.key")))
                .isZero();
        assertThat(run(
                        "receipt",
                        "verify",
                        id,
                        "--archive",
                        file("a"),
                        "--key-file",
                        file("next.key"),
                        "--public-key",
                        file("key.pem")))
                .isZero();
    }

    @Test
    void aCopyVerifiesAndAnotherArchiveDoesNot() {
        String id = archive("a", true);
        String others = archive("b", true);
        assertThat(runIn("a", "copy", "--to", file("c"))).isZero();
        assertThat(run("receipt", "verify", id, "--archive", file("c"), "--key-file", file("a.key")))
                .isZero();
        assertThat(spoken.out()).contains("in this archive's chain");
        assertThat(runIn("b", "keys", "public", "--to", file("b.pem"))).isZero();
        assertThat(runIn("a", "receipt", "verify", id, "--public-key", file("b.pem")))
                .isEqualTo(FailureKind.REFUSED.exitCode());
        assertThat(runIn("b", "receipt", "export", others, "--to", file("b.receipt")))
                .isZero();
        assertThat(runIn("a", "receipt", "verify", file("b.receipt"))).isEqualTo(FailureKind.REFUSED.exitCode());
        assertThat(spoken.err()).contains("not signed by this archive's key");
    }

    @Test
    void whatIsNotSignedHasAnExitCodeOfItsOwn() {
        String id = archive("plain", false);
        assertThat(run("receipt", "verify", id, "--archive", file("plain"))).isEqualTo(ReceiptVerifyVerb.NOT_SIGNED);
        assertThat(spoken.out()).contains("is not signed", "not encrypted");
        assertThat(run("receipt", "verify", id, "--archive", file("plain"), "--json"))
                .isEqualTo(ReceiptVerifyVerb.NOT_SIGNED);
        assertThat(spoken.out()).contains("\"signature\" : \"NOT_SIGNED\"");
        assertThat(run("receipt", "export", id, "--archive", file("plain"), "--to", file("x")))
                .isEqualTo(FailureKind.REFUSED.exitCode());
        assertThat(run("keys", "public", "--archive", file("plain"))).isEqualTo(FailureKind.REFUSED.exitCode());
    }

    /** The rows are folded again; where the archive has others by now, or the receipt says others, it is told. */
    @Test
    void itIsHeldAgainstTheRowsThatTheArchiveHasNow() {
        String id = archive("a", true);
        KeyFile key = KeyFile.read(folder.resolve("a.key"));
        ArchiveSettings settings =
                ArchiveSettings.defaults(folder.resolve("spill")).withMasterKey(() -> key);
        try (ObjectStore objects = FileObjectStore.open(folder.resolve("a"))) {
            publishImage(objects, settings, IMAGE);
            Receipts receipts = new Receipts(
                    Archive.receipts(objects, settings), Archive.openReader(objects, settings), CLOCK, new Random(2));
            Receipt good = receipts.withArchived(receipt(receipts.newId(), List.of(tenant(IMAGE.previous()))));
            receipts.put(good);
            assertThat(runIn("a", "receipt", "verify", good.id(), "--against-archive"))
                    .isZero();
            assertThat(spoken.out()).contains("the archive has the same rows of that moment today");
            assertThat(runIn("a", "receipt", "verify", good.id())).isZero();
            assertThat(spoken.out()).doesNotContain("that moment today");
            assertThat(runIn("a", "receipt", "verify", good.id(), "--against-archive", "--json"))
                    .isZero();
            assertThat(spoken.out()).contains("\"archive\" : \"SAME\"", "\"verifiedAgainst\" : \"" + IMAGE + "\"");

            Receipt.Archived then = good.tenants().getFirst().archived().orElseThrow();
            Receipt.ArchivedTable table = then.tables().getFirst();
            Receipt other = receipt(
                    receipts.newId(),
                    List.of(tenant(
                            IMAGE.previous(),
                            Optional.of(new Receipt.Archived(
                                    List.of(new Receipt.ArchivedTable(table.table(), table.rows(), "0".repeat(64))),
                                    Optional.empty())))));
            receipts.put(other);
            assertThat(runIn("a", "receipt", "verify", other.id(), "--against-archive"))
                    .isEqualTo(1);
            assertThat(spoken.out()).contains("THE ARCHIVE HAS OTHER ROWS");
            assertThat(runIn("a", "receipt", "verify", other.id())).isZero();

            Receipt early = receipt(
                    receipts.newId(), List.of(tenant(new Lsn(16), Optional.of(then)), tenant(IMAGE.previous())));
            receipts.put(early);
            assertThat(runIn("a", "receipt", "verify", early.id(), "--against-archive"))
                    .isZero();
            assertThat(spoken.out())
                    .contains("does not have that moment any more", "what the archive had by then is not");
        }
        assertThat(runIn("a", "receipt", "verify", id, "--against-archive")).isZero();
    }

    /** What the run had to do without is in the receipt, and of whom the archive is in neither. */
    @Test
    void itSaysWhatWasDamagedAndPassedOver() {
        String id = archive("a", true);
        assertThat(runIn("a", "receipt", id)).isZero();
        assertThat(spoken.out()).doesNotContain("damaged");
        KeyFile key = KeyFile.read(folder.resolve("a.key"));
        List<DamageListener.Workaround> passedOn = new ArrayList<>();
        MetDamage met = new MetDamage(passedOn::add);
        ArchiveSettings settings = ArchiveSettings.defaults(folder.resolve("spill"))
                .withMasterKey(() -> key)
                .withDamageListener(met);
        Lsn later = new Lsn(IMAGE.value() + 100);
        String damaged;
        try (ObjectStore objects = FileObjectStore.open(folder.resolve("a"))) {
            publishImage(objects, settings, IMAGE);
            try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
                writer.publishPosition(new Lsn(later.value() + 1), CLOCK.instant());
            }
            publishImage(objects, settings, later);
            damaged = objects.list("image/", "", 10).getLast().key();
            objects.delete(damaged);
            Receipts receipts = new Receipts(
                    Archive.receipts(objects, settings), Archive.openReader(objects, settings), CLOCK, new Random(3));
            Receipt receipt = receipts.withArchived(receipt(receipts.newId(), List.of(tenant(later))));
            id = receipt.id();
            receipts.put(receipt.withDamage(met.met()));
            assertThat(receipts.get(id).damage()).singleElement().satisfies(one -> {
                assertThat(one.damaged()).contains(damaged);
                assertThat(one.instead()).contains("the image at " + IMAGE);
                assertThat(one.toString()).doesNotContain(ACME.value());
            });
        }
        assertThat(passedOn).isNotEmpty();
        assertThat(runIn("a", "receipt", id)).isZero();
        assertThat(spoken.out()).contains("damaged in the archive, and done without: Object " + damaged);
        assertThat(runIn("a", "receipt", id, "--json")).isZero();
        assertThat(spoken.out()).contains("\"damaged\" : \"Object " + damaged);
        assertThat(runIn("a", "receipt", "verify", id)).isZero();
    }

    private static void publishImage(ObjectStore objects, ArchiveSettings settings, Lsn position) {
        TableSchema table = new TableSchema(
                100, SITE, List.of(new Column(1, "id", 25, "text"), new Column(2, "name", 25, "text")), List.of(0));
        Tuple row = Tuple.ofTexts(List.of(Optional.of("acme"), Optional.of("Acme")));
        try (ArchiveWriter writer = Archive.openWriter(objects, settings);
                ImageWriter image = writer.beginImage()) {
            image.add(Partition.of(ACME), table, RowKey.of(table, row), row);
            image.publish(position, CLOCK.instant());
        }
    }

    private static Receipt.Tenant tenant(Lsn position) {
        return tenant(position, Optional.empty());
    }

    private static Receipt.Tenant tenant(Lsn position, Optional<Receipt.Archived> archived) {
        return new Receipt.Tenant(
                ACME,
                Receipt.Outcome.RESTORED,
                Moment.atPosition(position),
                List.of(),
                List.of(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                archived);
    }
}

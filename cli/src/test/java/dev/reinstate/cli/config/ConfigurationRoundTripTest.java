package dev.reinstate.cli.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.ColumnExclusion;
import dev.reinstate.model.PatternRule;
import dev.reinstate.model.SchemaPattern;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TablePattern;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyRules;
import dev.reinstate.objectstore.s3.ObjectLock;
import dev.reinstate.objectstore.s3.S3Location;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationRoundTripTest {
    @TempDir
    private Path folder;

    @Test
    void whateverIsWrittenIsReadBack() {
        long seed = Long.getLong("reinstate.seed", System.nanoTime());
        Random random = new Random(seed);
        OddRules odd = new OddRules(seed);
        for (int i = 0; i < 300; i++) {
            Configuration written = configuration(random, odd);
            Map<TableName, String> reasons = new HashMap<>();
            written.tenancy().tables().keySet().forEach(table -> reasons.put(table, "because of " + odd.name()));
            Map<PatternRule, List<TableName>> saidBy = new HashMap<>();
            written.tenancy().patterns().forEach(pattern -> saidBy.put(pattern, List.of(odd.table(), odd.table())));
            ConfigurationWriter.write(written, new TenancyNotes(reasons, saidBy));
            assertThat(ConfigurationReader.read(written.file()))
                    .as("file %s of -Dreinstate.seed=%s", i, seed)
                    .isEqualTo(written);
        }
    }

    private Configuration configuration(Random random, OddRules odd) {
        TableName site = new TableName("public", "site");
        boolean schemas = random.nextBoolean();
        SortedMap<TableName, TableRule> tables = new TreeMap<>();
        List<PatternRule> patterns = new ArrayList<>();
        for (int i = random.nextInt(6); i >= 0; i--) {
            TableRule rule = sound(odd.rule(), site, schemas);
            tables.put(odd.table(), rule);
            if (!(rule instanceof TableRule.Unmapped)) {
                patterns.add(new PatternRule(new TablePattern(odd.table().toString()), rule));
            }
        }
        tables.put(site, new TableRule.TenantTable(odd.name()));
        return new Configuration(
                folder.resolve("reinstate.yaml"),
                new Configuration.Store(
                        "app",
                        DatabaseUrl.parse("jdbc:postgresql://db.example/app?sslmode=require"),
                        "reinstate " + random.nextInt(),
                        random.nextBoolean() ? Optional.of(folder.resolve("pass word")) : Optional.empty()),
                archive(random),
                random.nextBoolean()
                        ? new Encryption.InKeyFile(folder.resolve("key: " + random.nextInt(3)))
                        : random.nextBoolean()
                                ? new Encryption.None()
                                : new Encryption.InKms(
                                        "arn:aws:kms:eu-central-1:111122223333:key/0d99-" + random.nextInt(9)),
                folder.resolve("yes"),
                new TenancyRules(
                        Optional.of(site),
                        schemas ? Optional.of(new SchemaPattern("t\t" + "_{tenant}")) : Optional.empty(),
                        patterns,
                        tables,
                        random.nextBoolean()
                                ? List.of(new ColumnExclusion(
                                        new TablePattern("*.us*"), List.of("*_token", "a, \"b\"", "pass word")))
                                : List.of()),
                new Configuration.Settings(
                        Duration.ofMillis(100 + random.nextInt(10_000)),
                        random.nextBoolean()
                                ? OptionalLong.of((64L << 20) + random.nextInt(3) * (1L << 19))
                                : OptionalLong.empty()));
    }

    private ArchivePlace archive(Random random) {
        if (random.nextBoolean()) {
            return new ArchivePlace.Folder(folder.resolve("archive #1"));
        }
        String region =
                random.nextBoolean() ? "?region=eu-central-1" : "?endpoint=http://s3.example:9000&path-style=true";
        return new ArchivePlace.Bucket(
                S3Location.parse("s3://bucket/some/prefix" + region),
                random.nextBoolean()
                        ? Optional.of(new ArchivePlace.Lock(ObjectLock.Mode.COMPLIANCE, 1 + random.nextInt(99)))
                        : Optional.empty());
    }

    /** A rule that contradicts none of the others, whatever they are. */
    private static TableRule sound(TableRule rule, TableName site, boolean schemas) {
        return switch (rule) {
            case TableRule.ByPath path -> new TableRule.ByPath(path.columns(), site, path.parentColumns());
            case TableRule.ByType type -> {
                SortedMap<String, TableName> parents = new TreeMap<>();
                type.parentsByType().keySet().forEach(key -> parents.put(key, site));
                yield new TableRule.ByType(type.typeColumn(), type.idColumn(), parents);
            }
            case TableRule.BySchema bySchema -> schemas ? bySchema : new TableRule.Shared();
            default -> rule;
        };
    }
}

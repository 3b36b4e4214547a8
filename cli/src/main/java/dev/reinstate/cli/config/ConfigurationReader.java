package dev.reinstate.cli.config;

import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.keys.aws.KmsMasterKey;
import dev.reinstate.model.ColumnExclusion;
import dev.reinstate.model.PatternRule;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.SchemaPattern;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TablePattern;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Reads {@code reinstate.yaml} once, whole, and reports everything that is wrong with it together. */
public final class ConfigurationReader {
    private static final Pattern STORE_NAME = Pattern.compile("[a-z0-9_]{1,40}");
    private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(100);
    private static final Duration LONGEST_INTERVAL = Duration.ofMinutes(10);
    private static final long LEAST_LET_GO_BYTES = 64L << 20;

    private static final String NO_CREDENTIALS =
            "credentials do not belong in this file: use AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile or a role";

    /** Keys that are not (or no longer) read, and what to do instead. */
    private static final Map<String, String> EXPLAINED = Map.of(
            "store.password",
            "passwords do not belong in this file: use passwordFile, the variable REINSTATE_PASSWORD or ~/.pgpass",
            "password",
            "passwords do not belong in this file: use store.passwordFile, the variable REINSTATE_PASSWORD or ~/.pgpass",
            "s3.accessKey",
            NO_CREDENTIALS,
            "s3.secretKey",
            NO_CREDENTIALS);

    private final Path file;
    private final Problems problems;

    private ConfigurationReader(Path file) {
        this.file = file;
        this.problems = new Problems(file.toString());
    }

    /** The file's configuration; {@code INVALID} with every problem and its line otherwise. */
    public static Configuration read(Path file) {
        try {
            return new ConfigurationReader(file).configuration(Files.readString(file));
        } catch (NoSuchFileException e) {
            throw ReinstateException.invalid(
                    "There is no " + file,
                    "it names the store, the archive and whose rows are whose",
                    "write it with `reinstate init --url …`, or name another with --config");
        } catch (IOException e) {
            throw ReinstateException.invalid(
                    file + " cannot be read",
                    e.getClass().getSimpleName(),
                    "check that it is a text file you may read");
        }
    }

    private Configuration configuration(String text) {
        Section root = new Section("", YamlReader.read(text, problems), problems, EXPLAINED);
        Optional<Configuration.Store> store = store(root.section("store"));
        Optional<ArchivePlace> archive = archive(root);
        Encryption encryption = encryption(root);
        Optional<Path> state = root.optional("stateDirectory").map(this::path);
        Optional<TenancyRules> tenancy = tenancy(root.section("tenancy"));
        Configuration.Settings settings = settings(root.optionalSection("settings"));
        root.rejectOthers();
        problems.throwIfAny();
        return new Configuration(
                file,
                store.orElseThrow(),
                archive.orElseThrow(),
                encryption,
                state.orElseGet(() -> path("reinstate-state")),
                tenancy.orElseThrow(),
                settings);
    }

    private Optional<ArchivePlace> archive(Section root) {
        Section s3 = root.optionalSection("s3");
        return root.required("archive")
                .flatMap(text -> root.converted(
                        "archive", text, given -> ArchivePlace.parse(given, path -> path(path.toString()))))
                .map(place -> S3Section.applied(s3, place));
    }

    private Encryption encryption(Section root) {
        Optional<String> text = root.text("encryption");
        if (text.isPresent()) {
            root.check("encryption", text.get().equals("none"), "must be none, or have keyFile or kmsKey below it");
            return new Encryption.None();
        }
        Section section = root.optionalSection("encryption");
        Optional<String> keyFile = section.optional("keyFile");
        Optional<String> kmsKey = section.optional("kmsKey");
        kmsKey.ifPresent(arn -> section.converted("kmsKey", arn, KmsMasterKey::regionOf));
        section.check("kmsKey", keyFile.isEmpty() || kmsKey.isEmpty(), "and keyFile contradict each other");
        section.rejectOthers();
        return kmsKey.<Encryption>map(Encryption.InKms::new)
                .orElseGet(() -> new Encryption.InKeyFile(path(keyFile.orElse(Encryption.DEFAULT_KEY_FILE))));
    }

    private Path path(String text) {
        Path folder = file.toAbsolutePath().getParent();
        return (folder == null ? Path.of(text) : folder.resolve(text)).normalize();
    }

    private Optional<Configuration.Store> store(Section section) {
        Optional<String> name = section.required("name")
                .filter(text -> section.check(
                        "name",
                        STORE_NAME.matcher(text).matches(),
                        "must be 1 to 40 of a-z, 0-9 and _: it names the slot"));
        Optional<DatabaseUrl> url =
                section.required("url").flatMap(text -> section.converted("url", text, DatabaseUrl::parse));
        Optional<String> user = section.optional("user").or(() -> url.flatMap(DatabaseUrl::user));
        Optional<Path> passwordFile = section.optional("passwordFile").map(this::path);
        if (user.isEmpty()) {
            section.required("user");
        }
        section.rejectOthers();
        return name.isEmpty() || url.isEmpty() || user.isEmpty()
                ? Optional.empty()
                : Optional.of(new Configuration.Store(name.get(), url.get(), user.get(), passwordFile));
    }

    private Configuration.Settings settings(Section section) {
        Configuration.Settings standard = Configuration.Settings.DEFAULT;
        Duration interval = section.optional("segmentInterval")
                .flatMap(text -> section.present(
                        "segmentInterval", Amounts.parseDuration(text), "is not a duration such as 2s or 500ms"))
                .orElse(standard.segmentInterval());
        section.check(
                "segmentInterval",
                interval.compareTo(SHORTEST_INTERVAL) >= 0 && interval.compareTo(LONGEST_INTERVAL) <= 0,
                "must be between " + Amounts.duration(SHORTEST_INTERVAL) + " and "
                        + Amounts.duration(LONGEST_INTERVAL));
        OptionalLong letGo = section.optional("letGoAfter")
                .flatMap(text -> section.present("letGoAfter", Amounts.parseBytes(text), "is not a size such as 20GB"))
                .map(OptionalLong::of)
                .orElse(standard.letGoAfterBytes());
        section.check(
                "letGoAfter",
                letGo.orElse(LEAST_LET_GO_BYTES) >= LEAST_LET_GO_BYTES,
                "must be at least " + Amounts.bytes(LEAST_LET_GO_BYTES));
        section.rejectOthers();
        return new Configuration.Settings(interval, letGo);
    }

    private Optional<TenancyRules> tenancy(Section section) {
        Optional<TableName> tenantTable = section.optional("tenantTable")
                .flatMap(text -> section.converted("tenantTable", text, TableName::parse));
        Optional<SchemaPattern> tenantSchemas = section.optional("tenantSchemas")
                .flatMap(text -> section.converted("tenantSchemas", text, SchemaPattern::new));
        List<PatternRule> patterns = new ArrayList<>();
        section.pairs("rules")
                .forEach(entry -> rule(section, entry.getKey(), entry.getValue())
                        .flatMap(rule -> section.guarded(
                                entry.getKey().line(),
                                entry.getKey().name(),
                                () -> new PatternRule(
                                        new TablePattern(entry.getKey().name()), rule)))
                        .ifPresent(patterns::add));
        List<ColumnExclusion> exclusions = exclusions(section);
        SortedMap<TableName, TableRule> rules = new TreeMap<>();
        Section tables = section.optionalSection("tables");
        tables.scalars().forEach((key, text) -> {
            Optional<TableName> table = tables.guarded(key.line(), key.name(), () -> TableName.parse(key.name()));
            Optional<TableRule> rule = rule(tables, key, text);
            if (table.isPresent() && rule.isPresent() && rules.put(table.get(), rule.get()) != null) {
                problems.add(key.line(), key.name() + " is listed twice");
            }
        });
        section.check(
                "tenantTable",
                tenantTable.isPresent() || tenantSchemas.isPresent(),
                "is missing: one table has a row a tenant, or tenantSchemas says how tenants' schemas are called");
        section.rejectOthers();
        if (!problems.isEmpty()) {
            return Optional.empty();
        }
        TenancyRules tenancy = new TenancyRules(tenantTable, tenantSchemas, patterns, rules, exclusions);
        return section.converted("tables", "", ignored -> tenancy.requireSound());
    }

    private static List<ColumnExclusion> exclusions(Section section) {
        List<ColumnExclusion> exclusions = new ArrayList<>();
        section.pairs("exclude")
                .forEach(entry -> section.guarded(
                                entry.getKey().line(),
                                entry.getKey().name(),
                                () -> new ColumnExclusion(
                                        new TablePattern(entry.getKey().name()), RuleText.names(entry.getValue())))
                        .ifPresent(exclusions::add));
        return exclusions;
    }

    private Optional<TableRule> rule(Section tables, YamlNode.Key key, String text) {
        Optional<Optional<TableRule>> read = tables.guarded(key.line(), key.name(), () -> RuleText.parse(text));
        if (read.isPresent() && read.get().isEmpty()) {
            problems.add(key.line(), key.name() + ": \"" + text + "\" is not a rule; rules are " + RuleText.FORMS);
        }
        return read.flatMap(Function.identity());
    }
}

package dev.reinstate.cli.config;

import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Writes the {@code reinstate.yaml} that {@code init} proposes, for people to read and edit. */
public final class ConfigurationWriter {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z_./][A-Za-z0-9_./$@=&?>,: -]*");

    private ConfigurationWriter() {}

    /** @param reasons why each table has its rule, written beside it */
    public static void write(Configuration configuration, Map<TableName, String> reasons) {
        Path file = configuration.file();
        Path temporary = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.writeString(temporary, text(configuration, reasons));
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw ReinstateException.unavailable(
                    file + " cannot be written",
                    e.getClass().getSimpleName(),
                    "check the folder and the space on its disk, or name another file with --config",
                    e);
        }
    }

    static String text(Configuration configuration, Map<TableName, String> reasons) {
        Configuration.Store store = configuration.store();
        StringBuilder yaml = new StringBuilder("""
                # Written by `reinstate init`. Read the tenancy map once with somebody who knows the schema: it decides
                # whose rows are whose. Passwords stand elsewhere: REINSTATE_PASSWORD, passwordFile, or ~/.pgpass.
                store:
                """);
        entry(yaml, 1, "name", store.name());
        entry(yaml, 1, "url", store.url().jdbc());
        entry(yaml, 1, "user", store.user());
        store.passwordFile().ifPresent(path -> entry(yaml, 1, "passwordFile", path.toString()));
        yaml.append('\n');
        entry(yaml, 0, "archive", shown(configuration, configuration.archive()));
        entry(yaml, 0, "stateDirectory", shown(configuration, configuration.stateDirectory()));
        yaml.append("""

                settings:
                  # How often changes are made durable: what a disaster may cost.
                """);
        entry(
                yaml,
                1,
                "segmentInterval",
                configuration.settings().segmentInterval().toMillis() + "ms");
        yaml.append("  # Write-ahead log the source may keep for us; beyond it we let go and record a gap.\n");
        configuration
                .settings()
                .letGoAfterBytes()
                .ifPresentOrElse(
                        bytes -> entry(yaml, 1, "letGoAfter", (bytes >> 20) + "MB"),
                        () -> yaml.append(
                                "  # letGoAfter: 20GB   (or 80 % of max_slot_wal_keep_size, if that is less)\n"));
        yaml.append("\n# Rules: ").append(RuleText.FORMS).append(".\n");
        yaml.append(
                "# Every table stands here. Tables created later are reported by `reinstate status` until they do.\n");
        yaml.append("tenancy:\n");
        TenancyRules tenancy = configuration.tenancy();
        tenancy.tenantTable().ifPresent(table -> entry(yaml, 1, "tenantTable", table.toString()));
        tenancy.tenantSchemas().ifPresent(pattern -> entry(yaml, 1, "tenantSchemas", pattern.text()));
        if (!tenancy.patterns().isEmpty()) {
            yaml.append("  # The first that fits a table that is not listed below, where the table has the columns.\n");
            yaml.append("  rules:\n");
            tenancy.patterns()
                    .forEach(pattern -> yaml.append("    - ")
                            .append(quoted(pattern.tables().text()))
                            .append(": ")
                            .append(scalar(RuleText.of(pattern.rule())))
                            .append('\n'));
        }
        yaml.append("  tables:\n");
        tenancy.tables().forEach((table, rule) -> table(yaml, table, rule, reasons));
        return yaml.toString();
    }

    private static void table(StringBuilder yaml, TableName table, TableRule rule, Map<TableName, String> reasons) {
        String line = "    " + scalar(table.toString()) + ": " + scalar(RuleText.of(rule));
        String reason = Optional.ofNullable(reasons.get(table))
                .map(text -> "  # " + text.replaceAll("\\s+", " "))
                .orElse("");
        yaml.append(line).append(reason).append('\n');
    }

    /** Relative to the file where that is shorter to read and survives moving both. */
    private static String shown(Configuration configuration, Path path) {
        Path folder = configuration.file().toAbsolutePath().normalize().getParent();
        return folder != null && path.startsWith(folder)
                ? folder.relativize(path).toString()
                : path.toString();
    }

    private static void entry(StringBuilder yaml, int depth, String key, String value) {
        yaml.append("  ".repeat(depth))
                .append(key)
                .append(": ")
                .append(scalar(value))
                .append('\n');
    }

    /** Plain where YAML cannot misread it, double-quoted otherwise. */
    private static String scalar(String text) {
        boolean plain = PLAIN.matcher(text).matches()
                && !text.contains(": ")
                && !text.endsWith(":")
                && !text.endsWith(" ")
                && !isYamlWord(text);
        return plain || text.matches("[0-9]+(ms|MB)") ? text : quoted(text);
    }

    private static boolean isYamlWord(String text) {
        return text.matches("(?i)y|n|yes|no|on|off|true|false|null|\\.|\\.(nan|inf)");
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.chars().forEach(c -> {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append((char) c);
            } else if (c < ' ' || c == 0x7F) {
                quoted.append(String.format("\\x%02x", c));
            } else {
                quoted.append((char) c);
            }
        });
        return quoted.append('"').toString();
    }
}

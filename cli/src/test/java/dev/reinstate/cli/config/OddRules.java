package dev.reinstate.cli.config;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/** Random rules over names nobody should use and somebody does. */
final class OddRules {
    private static final List<String> PIECES = List.of(
            "site",
            "Id",
            "_",
            ".",
            " ",
            "  ",
            ",",
            ":",
            ": ",
            "::",
            "\\",
            "\"",
            "\"\"",
            "'",
            "#",
            " # ",
            "->",
            " -> ",
            "(",
            ")",
            " (x)",
            "*",
            "{tenant}",
            "&",
            "!",
            "%",
            "@",
            "`",
            "|",
            ">",
            "[",
            "]",
            "{",
            "}",
            "?",
            "-",
            "~",
            "=",
            "<<",
            "null",
            "yes",
            "0",
            "1e3",
            "0x1F",
            "12:30",
            "ü",
            "表",
            "😀",
            "\t",
            "\n",
            "\r",
            "\u0001",
            "\u0007",
            "\u007f",
            "\u0085",
            "\u00a0",
            "\u2028",
            "\u2029",
            "\ufeff",
            "tenant ",
            "column ",
            "path ",
            " else ",
            " else path ",
            "type ",
            "shared");

    private final Random random;

    OddRules(long seed) {
        this.random = new Random(seed);
    }

    String name() {
        StringBuilder name = new StringBuilder();
        int pieces = random.nextInt(10) < 4 ? 1 : 1 + random.nextInt(5);
        for (int i = 0; i < pieces; i++) {
            name.append(PIECES.get(random.nextInt(PIECES.size())));
        }
        return name.toString();
    }

    /** A table whose schema holds no dot: the first dot divides. */
    TableName table() {
        String schema = random.nextBoolean() ? "public" : name().replace(".", "");
        return new TableName(schema.isEmpty() ? "s" : schema, name());
    }

    private List<String> names(int count) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add(name());
        }
        return names;
    }

    /** Any rule but that of the tenant table. */
    TableRule rule() {
        int columns = 1 + random.nextInt(3);
        return switch (random.nextInt(9)) {
            case 0 -> new TableRule.ByColumn(name());
            case 1 -> new TableRule.ByPath(names(columns), table());
            case 2 -> new TableRule.ByPath(names(columns), table(), names(columns));
            case 3 -> new TableRule.ByType(name(), name(), types(columns));
            case 4 ->
                new TableRule.ByPaths(List.of(
                        new TableRule.ByPath(names(columns), table()),
                        new TableRule.ByPath(names(columns), table(), names(columns)),
                        new TableRule.ByPath(names(4), table())));
            case 8 -> new TableRule.BySchema();
            case 5 -> new TableRule.Shared();
            case 6 -> new TableRule.Ignored();
            default -> new TableRule.Unmapped();
        };
    }

    private SortedMap<String, TableName> types(int count) {
        SortedMap<String, TableName> types = new TreeMap<>();
        if (random.nextInt(8) == 0) {
            types.put("", table());
        }
        for (int i = 0; i < count; i++) {
            types.put(name(), table());
        }
        return types;
    }
}

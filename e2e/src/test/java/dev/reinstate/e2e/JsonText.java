package dev.reinstate.e2e;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;

/** Rows of an export as JSON, in the form of {@link RowText}; documents within them as Jackson reads them. */
final class JsonText {
    private static final Set<String> DOCUMENTS = Set.of("json", "jsonb");
    private static final Set<String> NUMBERS = Set.of("int2", "int4", "int8");
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private JsonText() {}

    /** The rows of those lines, sorted. */
    static List<String> of(String lines, Map<String, String> types) {
        List<String> rows = new ArrayList<>();
        lines.lines().filter(line -> !line.isEmpty()).forEach(line -> {
            RowText row = new RowText();
            JSON.readTree(line)
                    .properties()
                    .forEach(field -> row.add(
                            field.getKey(), text(types.getOrDefault(field.getKey(), "text"), field.getValue())));
            rows.add(row.toString());
        });
        rows.sort(null);
        return rows;
    }

    private static Optional<String> text(String type, JsonNode value) {
        if (DOCUMENTS.contains(type)) {
            return value.isNull() ? Optional.empty() : Optional.of(value.toString());
        }
        if (value.isNull()) {
            return Optional.empty();
        }
        boolean asMeant = NUMBERS.contains(type)
                ? value.isIntegralNumber()
                : type.equals("bool") ? value.isBoolean() : value.isString();
        if (!asMeant) {
            throw new AssertionError("a value of " + type + " as " + value.getNodeType());
        }
        String text = value.asString();
        return Optional.of(type.equals("bool") ? text.substring(0, 1) : text);
    }

    /** A row as COPY writes it, its documents as Jackson reads them. */
    static String normalised(String copied, Map<String, String> types) {
        RowText row = new RowText();
        Arrays.stream(copied.split("\t", -1)).forEach(field -> {
            int equals = nameLength(field, types);
            String name = field.substring(0, equals);
            String value = field.substring(equals + 1);
            if (DOCUMENTS.contains(types.get(name)) && !value.equals("\\N")) {
                JsonNode document = JSON.readTree(unescaped(value));
                row.add(name, document.isNull() ? Optional.empty() : Optional.of(document.toString()));
            } else {
                row.addCopied(name, value);
            }
        });
        return row.toString();
    }

    private static int nameLength(String field, Map<String, String> types) {
        return types.keySet().stream()
                .filter(name -> field.startsWith(name + "="))
                .mapToInt(String::length)
                .max()
                .orElseThrow();
    }

    private static String unescaped(String copied) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < copied.length(); i++) {
            char c = copied.charAt(i);
            if (c != '\\') {
                text.append(c);
                continue;
            }
            char escape = copied.charAt(++i);
            text.append(
                    switch (escape) {
                        case 'b' -> '\b';
                        case 'f' -> '\f';
                        case 'n' -> '\n';
                        case 'r' -> '\r';
                        case 't' -> '\t';
                        case 'v' -> '\u000b';
                        default -> escape;
                    });
        }
        return text.toString();
    }
}

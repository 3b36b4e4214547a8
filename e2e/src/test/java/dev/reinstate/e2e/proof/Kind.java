package dev.reinstate.e2e.proof;

import java.util.Random;

/** What a column holds, and how values of it are made up. */
enum Kind {
    INT("integer"),
    BIGINT("bigint"),
    UUID("uuid"),
    TEXT("text"),
    PROSE("text"),
    JSON("jsonb"),
    NUMERIC("numeric"),
    FLOAT("double precision"),
    TIME("timestamptz"),
    BYTES("bytea"),
    ARRAY("text[]");

    /** How many keys there are of a kind: few, so that they are used again. */
    static final int KEYS = 40;

    private static final String[] WORDS = {
        "plain",
        "tab\there",
        "line\nbreak",
        "back\\slash",
        "\\N",
        "quo'te",
        "\"double\"",
        "ünï",
        "日本",
        "",
        "{a,b}",
        "\\.",
        " "
    };

    private final String type;

    Kind(String type) {
        this.type = type;
    }

    String type() {
        return type;
    }

    /** Kinds that keys are of. */
    static Kind anyKey(Random random) {
        return new Kind[] {INT, BIGINT, UUID, TEXT}[random.nextInt(4)];
    }

    static Kind anyPayload(Random random) {
        Kind[] payload = {PROSE, PROSE, PROSE, INT, JSON, NUMERIC, FLOAT, TIME, BYTES, ARRAY};
        return payload[random.nextInt(payload.length)];
    }

    /** The key of that number, as a literal. */
    String key(int number) {
        return switch (this) {
            case BIGINT -> "'" + (10_000_000_000L + number) + "'";
            case UUID -> "'" + new java.util.UUID(0xabcdL << 32 | number, 0x8000_0000_0000_0000L | number) + "'";
            case TEXT -> quoted("k" + number + (number % 5 == 0 ? " 'é" : ""));
            default -> "'" + number + "'";
        };
    }

    /** A value of a column that means nothing; some are NULL, some so large that they are stored apart. */
    String value(Random random) {
        if (random.nextInt(8) == 0) {
            return "NULL";
        }
        return switch (this) {
            case INT, BIGINT -> "'" + random.nextInt(1000) + "'";
            case UUID, TEXT -> key(random.nextInt(KEYS));
            case PROSE -> random.nextInt(4) == 0 ? large(random) : quoted(words(random));
            case JSON -> quoted("{\"a\": " + random.nextInt(100) + ", \"b\": [null, \"ü\"]}");
            case NUMERIC -> random.nextInt(5) == 0 ? "'NaN'" : "'" + random.nextInt(100) + ".250'";
            case FLOAT -> new String[] {"'-0'", "'Infinity'", "'0.1'", "'1e-300'"}[random.nextInt(4)];
            case TIME ->
                new String[] {"'infinity'", "'2026-03-29 01:30:00.000001+00'", "'0044-03-15 12:00 BC'"}
                        [random.nextInt(3)];
            case BYTES -> "'\\x00ff" + String.format("%04x", random.nextInt(65536)) + "'";
            case ARRAY -> quoted("{\"a b\",NULL,\"c\\\"d\"," + random.nextInt(10) + "}");
        };
    }

    private static String words(Random random) {
        StringBuilder text = new StringBuilder();
        for (int n = random.nextInt(3); n >= 0; n--) {
            text.append(WORDS[random.nextInt(WORDS.length)]).append(random.nextInt(100));
        }
        return text.toString();
    }

    /** Random enough not to be compressed into the row. */
    private static String large(Random random) {
        return "(SELECT string_agg(md5(i::text || '" + random.nextInt(1_000_000)
                + "'), '') FROM generate_series(1, 200) i)";
    }

    static String quoted(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}

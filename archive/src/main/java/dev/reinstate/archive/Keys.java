package dev.reinstate.archive;

import dev.reinstate.archive.format.Token;
import dev.reinstate.model.Lsn;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/** Names of objects, as the format specification lists them. */
final class Keys {
    static final String MANIFESTS = "manifest/";
    static final String CHECKPOINTS = "checkpoint/";
    static final String PAGES = "page/";
    static final String SEGMENTS = "segment/";
    static final String IMAGES = "image/";
    static final String TABLE_IMAGES = "table-image/";
    static final String CATALOGUE = "catalogue/";
    static final String DEFINITIONS = "definitions/";
    static final String RECEIPTS = "receipt/";
    static final String DATA_KEYS = "key/";

    private static final List<String> LOCKABLE =
            List.of(MANIFESTS, SEGMENTS, IMAGES, TABLE_IMAGES, CATALOGUE, DEFINITIONS);

    private Keys() {}

    /** Whether objects of that key are never changed, and deleted by nobody but retention. */
    static boolean isLockable(String key) {
        return LOCKABLE.stream().anyMatch(key::startsWith);
    }

    static String manifest(long number) {
        return MANIFESTS + number(number);
    }

    static String checkpoint(long number) {
        return CHECKPOINTS + number(number);
    }

    static String page(long number, String random) {
        return PAGES + number(number) + "-" + random;
    }

    static String segment(Lsn from, Lsn to, String random) {
        return SEGMENTS + hex(from) + "-" + hex(to) + "-" + random;
    }

    static String imagePart(Lsn position, String random, int part) {
        return IMAGES + hex(position) + "-" + random + String.format(Locale.ROOT, "/part-%05d", part);
    }

    static String tableImagePart(Lsn position, String random, int part) {
        return TABLE_IMAGES + hex(position) + "-" + random + String.format(Locale.ROOT, "/part-%05d", part);
    }

    static String catalogue(long number, String random) {
        return CATALOGUE + number(number) + "-" + random;
    }

    /** @param generation 0 for a partition's first key */
    static String dataKey(Token token, int generation) {
        return DATA_KEYS + token + (generation == 0 ? "" : "-" + generation);
    }

    static String definitions(long number, String random) {
        return DEFINITIONS + number(number) + "-" + random;
    }

    private static String number(long number) {
        return String.format(Locale.ROOT, "%020d", number);
    }

    private static String hex(Lsn lsn) {
        return HexFormat.of().toHexDigits(lsn.value());
    }
}

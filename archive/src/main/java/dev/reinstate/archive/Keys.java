package dev.reinstate.archive;

import dev.reinstate.archive.format.Token;
import dev.reinstate.model.Lsn;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names of objects, as the format specification lists them. */
final class Keys {
    static final String MANIFESTS = "manifest/";
    static final String CHECKPOINTS = "checkpoint/";
    static final String PAGES = "page/";
    static final String BASES = "base/";
    static final String SEGMENTS = "segment/";
    static final String IMAGES = "image/";
    static final String TABLE_IMAGES = "table-image/";
    static final String CATALOGUE = "catalogue/";
    static final String DEFINITIONS = "definitions/";
    static final String RECEIPTS = "receipt/";
    static final String DATA_KEYS = "key/";

    private static final String BASE_STATE = "/state";
    private static final Pattern POSITION = Pattern.compile("[a-z-]+/([0-9A-Fa-f]{16})-.*");
    private static final Pattern STATE = Pattern.compile("(?:checkpoint|base)/00(\\d{18})(?:-[0-9a-f]{16}/.*)?");

    private static final List<String> LOCKABLE =
            List.of(MANIFESTS, SEGMENTS, IMAGES, TABLE_IMAGES, CATALOGUE, DEFINITIONS, BASES);

    private Keys() {}

    /** Whether objects of that key are never changed, and deleted by nobody but retention. */
    static boolean isLockable(String key) {
        return LOCKABLE.stream().anyMatch(key::startsWith);
    }

    static String manifest(long number) {
        return MANIFESTS + number(number);
    }

    /** Of a manifest's key. */
    static long manifestNumber(String key) {
        return Long.parseLong(key.substring(MANIFESTS.length()));
    }

    static String checkpoint(long number) {
        return CHECKPOINTS + number(number);
    }

    static String page(long number, String random) {
        return PAGES + number(number) + "-" + random;
    }

    /** The state after a manifest, from which on the chain can be followed. */
    static String base(long number, String random) {
        return BASES + number(number) + "-" + random + BASE_STATE;
    }

    /** @param part from 1 */
    static String basePage(long number, String random, int part) {
        return BASES + number(number) + "-" + random + String.format(Locale.ROOT, "/page-%05d", part);
    }

    static boolean isBase(String key) {
        return key.startsWith(BASES) && key.endsWith(BASE_STATE);
    }

    /** Of which manifest a checkpoint or a base is the state; empty if the key is none. */
    static OptionalLong numberOf(String key) {
        Matcher matcher = STATE.matcher(key);
        return matcher.matches() ? OptionalLong.of(Long.parseLong(matcher.group(1))) : OptionalLong.empty();
    }

    static String segment(Lsn from, Lsn to, String random) {
        return SEGMENTS + hex(from) + "-" + hex(to) + "-" + random;
    }

    /** The first position in the name of a segment or of an image's part; the highest there is if it has none. */
    static Lsn positionOf(String key) {
        Matcher matcher = POSITION.matcher(key);
        return matcher.matches() ? new Lsn(HexFormat.fromHexDigitsToLong(matcher.group(1))) : new Lsn(-1);
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

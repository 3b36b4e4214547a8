package dev.reinstate.postgres.discovery;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The words a name is made of, in lower case, the last one in the singular: {@code BlogPosts}, {@code blog_post} and
 * {@code tbl_BlogPost} are the same words. English only, and only good enough to ask the right question.
 */
record Words(List<String> words) {
    private static final Pattern BREAK =
            Pattern.compile("[^\\p{L}\\p{N}]+|(?<=[\\p{Ll}\\p{N}])(?=\\p{Lu})|(?<=\\p{Lu})(?=\\p{Lu}\\p{Ll})");

    /** What stands before or behind the name of a thing in a column that refers to it. */
    private static final Set<String> KEY_WORDS =
            Set.of("id", "uuid", "guid", "key", "pk", "fk", "ref", "no", "nr", "num", "number", "code", "oid");

    private static final Set<String> TABLE_PREFIXES = Set.of("tbl", "tb", "t", "tab");

    private static final Map<String, String> IRREGULAR = Map.ofEntries(
            Map.entry("people", "person"),
            Map.entry("children", "child"),
            Map.entry("men", "man"),
            Map.entry("women", "woman"),
            Map.entry("data", "datum"),
            Map.entry("media", "medium"),
            Map.entry("indices", "index"),
            Map.entry("matrices", "matrix"),
            Map.entry("vertices", "vertex"),
            Map.entry("analyses", "analysis"),
            Map.entry("statuses", "status"),
            Map.entry("aliases", "alias"),
            Map.entry("movies", "movie"),
            Map.entry("series", "series"),
            Map.entry("news", "news"),
            Map.entry("caches", "cache"),
            Map.entry("axes", "axis"));

    Words {
        words = List.copyOf(words);
    }

    /** Of a table, a class or any other name of a thing. */
    static Words of(String name) {
        List<String> words = split(name);
        if (words.size() > 1 && TABLE_PREFIXES.contains(words.getFirst())) {
            words.removeFirst();
        }
        return new Words(singular(words));
    }

    /** Of the thing that a column refers to: without {@code id} and the like. Empty for a column that is only a key. */
    static Words referredTo(String column) {
        List<String> words = split(column);
        while (!words.isEmpty() && KEY_WORDS.contains(words.getLast())) {
            words.removeLast();
        }
        while (words.size() > 1
                && (KEY_WORDS.contains(words.getFirst()) || TABLE_PREFIXES.contains(words.getFirst()))) {
            words.removeFirst();
        }
        return new Words(singular(words));
    }

    /** Whether the column's name says by itself that it refers to something: {@code site_id}, not {@code site}. */
    static boolean namesAKey(String column) {
        List<String> words = split(column);
        return words.size() > 1 && KEY_WORDS.contains(words.getLast());
    }

    private static List<String> split(String name) {
        return BREAK.splitAsStream(name)
                .filter(word -> !word.isEmpty())
                .map(word -> word.toLowerCase(Locale.ROOT))
                .collect(Collectors.toCollection(ArrayList::new));
    }

    private static List<String> singular(List<String> words) {
        if (words.isEmpty()) {
            return words;
        }
        List<String> singular = new ArrayList<>(words);
        singular.set(words.size() - 1, singular(words.getLast()));
        return singular;
    }

    private static String singular(String word) {
        String irregular = IRREGULAR.get(word);
        if (irregular != null) {
            return irregular;
        }
        if (word.length() > 4 && word.endsWith("ies")) {
            return word.substring(0, word.length() - 3) + "y";
        }
        if (word.endsWith("sses") || word.endsWith("xes") || word.endsWith("ches") || word.endsWith("shes")) {
            return word.substring(0, word.length() - 2);
        }
        boolean plural = word.length() > 3
                && word.endsWith("s")
                && !word.endsWith("ss")
                && !word.endsWith("us")
                && !word.endsWith("is");
        return plural ? word.substring(0, word.length() - 1) : word;
    }

    boolean isEmpty() {
        return words.isEmpty();
    }

    /** Whether these are the last words of the other's: {@code client} of {@code customers_client}. */
    boolean endOf(Words other) {
        int from = other.words.size() - words.size();
        return !isEmpty()
                && from >= 0
                && other.words.subList(from, other.words.size()).equals(words);
    }

    /** Whether some of its words, one behind the other, are these. */
    boolean contains(Words part) {
        return Collections.indexOfSubList(words, part.words) >= 0;
    }

    /** Without blanks, for names that are written together: {@code blogpost}. */
    String together() {
        return String.join("", words);
    }

    @Override
    public String toString() {
        return String.join(" ", words);
    }
}

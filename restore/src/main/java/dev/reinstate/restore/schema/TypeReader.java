package dev.reinstate.restore.schema;

import java.sql.Connection;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What types of now make of texts of then, asked for many at a time and remembered for a while. Of a type that refuses
 * very many, no more are asked for. Not thread-safe.
 */
public final class TypeReader {
    private static final int MAX_REFUSED = 1_000;
    private static final int MAX_REMEMBERED_CHARS = 4 << 20;

    private final TextInput input;
    private final Map<String, Map<String, String>> read = new HashMap<>();
    private final Map<String, Set<String>> refused = new HashMap<>();
    private long rememberedChars;

    public TypeReader(Connection connection) {
        this.input = new TextInput(connection);
    }

    /** Learns what that type makes of those texts; what was learnt before may be forgotten. */
    public void learn(String type, Collection<String> texts) {
        if (rememberedChars > MAX_REMEMBERED_CHARS) {
            read.clear();
            rememberedChars = 0;
        }
        Map<String, String> known = read.computeIfAbsent(type, t -> new HashMap<>());
        Set<String> no = refused.computeIfAbsent(type, t -> new HashSet<>());
        List<String> unknown = texts.stream()
                .distinct()
                .filter(text -> !known.containsKey(text) && !no.contains(text))
                .toList();
        if (unknown.isEmpty() || hasGivenUp(type)) {
            return;
        }
        List<Optional<String>> answers = input.convert(type, unknown, MAX_REFUSED - no.size());
        for (int i = 0; i < answers.size(); i++) {
            String text = unknown.get(i);
            answers.get(i).ifPresentOrElse(answer -> known.put(text, answer), () -> no.add(text));
            rememberedChars += 2L * text.length();
        }
    }

    /** The text as the type writes it; as it is where the type refuses it or was not asked. */
    public String read(String type, String text) {
        return read.getOrDefault(type, Map.of()).getOrDefault(text, text);
    }

    /** Whether any type has refused anything. */
    public boolean haveRefused() {
        return refused.values().stream().anyMatch(texts -> !texts.isEmpty());
    }

    /** Whether that type does not take the text, or has refused so many that it was not asked. */
    public boolean mayRefuse(String type, String text) {
        return hasGivenUp(type) || isRefused(type, text);
    }

    /** Whether that type has refused anything. */
    public boolean refuses(String type) {
        return !refused.getOrDefault(type, Set.of()).isEmpty();
    }

    public boolean isRefused(String type, String text) {
        return refused.getOrDefault(type, Set.of()).contains(text);
    }

    /** Whether that type has refused so many texts that no more were asked for. */
    public boolean hasGivenUp(String type) {
        return refused.getOrDefault(type, Set.of()).size() >= MAX_REFUSED;
    }
}

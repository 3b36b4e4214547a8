package dev.reinstate.cli.config;

import dev.reinstate.model.ReinstateException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/** One mapping of the file: hands out its values, and in the end complains about keys nobody asked for. */
final class Section {
    private final String prefix; // "store." for messages, "" at the top
    private final int line;
    private final Map<String, YamlNode> values = new LinkedHashMap<>();
    private final Map<String, Integer> lines = new LinkedHashMap<>();
    private final Problems problems;
    private final Map<String, String> explained;
    private final Set<String> asked = new HashSet<>();
    private final Map<YamlNode.Key, YamlNode> entries;

    Section(String prefix, YamlNode node, Problems problems, Map<String, String> explained) {
        this.prefix = prefix;
        this.line = node.line();
        this.problems = problems;
        this.explained = explained;
        if (node instanceof YamlNode.Mapping mapping) {
            entries = mapping.entries();
        } else {
            entries = Map.of();
            problems.add(line, name() + " must be keys with values below it");
        }
        entries.forEach((key, value) -> {
            if (values.put(key.name(), value) != null) {
                problems.add(key.line(), prefix + key.name() + " is given twice");
            }
            lines.put(key.name(), key.line());
        });
    }

    private String name() {
        return prefix.isEmpty() ? "the file" : prefix.substring(0, prefix.length() - 1);
    }

    Optional<String> optional(String key) {
        asked.add(key);
        if (!(values.get(key) instanceof YamlNode.Scalar scalar)) {
            if (values.containsKey(key)) {
                problems.add(lines.getOrDefault(key, line), prefix + key + " must be one text");
            }
            return Optional.empty();
        }
        return Optional.of(scalar.text().strip()).filter(text -> !text.isEmpty());
    }

    /** The text, unless there are keys below it. */
    Optional<String> text(String key) {
        return values.get(key) instanceof YamlNode.Scalar ? optional(key) : Optional.empty();
    }

    Optional<String> required(String key) {
        Optional<String> value = optional(key);
        if (value.isEmpty()) {
            problems.add(lines.getOrDefault(key, line), prefix + key + " is missing");
        }
        return value;
    }

    Section section(String key) {
        if (!values.containsKey(key)) {
            problems.add(line, prefix + key + " is missing");
        }
        return optionalSection(key);
    }

    Section optionalSection(String key) {
        asked.add(key);
        YamlNode empty = new YamlNode.Mapping(lines.getOrDefault(key, line), Map.of());
        YamlNode node = values.getOrDefault(key, empty);
        YamlNode present =
                node instanceof YamlNode.Scalar scalar && scalar.text().isBlank() ? empty : node;
        return new Section(prefix + key + ".", present, problems, explained);
    }

    /** All keys of this section with their texts; what is not a text is a problem. */
    Map<YamlNode.Key, String> scalars() {
        Map<YamlNode.Key, String> texts = new LinkedHashMap<>();
        entries.forEach((key, value) -> {
            asked.add(key.name());
            if (value instanceof YamlNode.Scalar scalar) {
                texts.put(key, scalar.text());
            } else {
                problems.add(key.line(), prefix + key.name() + " must be one text");
            }
        });
        return texts;
    }

    /** The entries of a list of single keys with texts, in order; what is not one is a problem. */
    List<Map.Entry<YamlNode.Key, String>> pairs(String key) {
        asked.add(key);
        YamlNode node = values.get(key);
        if (node == null
                || (node instanceof YamlNode.Scalar scalar && scalar.text().isBlank())) {
            return List.of();
        }
        List<Map.Entry<YamlNode.Key, String>> pairs = new ArrayList<>();
        for (YamlNode element : node instanceof YamlNode.Sequence sequence ? sequence.elements() : List.of(node)) {
            Map<YamlNode.Key, YamlNode> entry =
                    element instanceof YamlNode.Mapping mapping ? mapping.entries() : Map.of();
            if (node instanceof YamlNode.Sequence
                    && entry.size() == 1
                    && entry.values().iterator().next() instanceof YamlNode.Scalar text) {
                pairs.add(Map.entry(entry.keySet().iterator().next(), text.text()));
            } else {
                problems.add(element.line(), prefix + key + " must be a list of keys with one text each: - \"*.*\": …");
            }
        }
        return pairs;
    }

    /** Adds a problem unless it holds. */
    boolean check(String key, boolean holds, String problem) {
        if (!holds) {
            problems.add(lines.getOrDefault(key, line), prefix + key + " " + problem);
        }
        return holds;
    }

    /** The value; when it is empty, the problem is added. */
    <T> Optional<T> present(String key, Optional<T> value, String problem) {
        check(key, value.isPresent(), problem);
        return value;
    }

    /** What the text means; a refusal becomes a problem. */
    <T> Optional<T> converted(String key, String text, Function<String, T> meaning) {
        return guarded(lines.getOrDefault(key, line), prefix + key, () -> meaning.apply(text));
    }

    <T> Optional<T> guarded(int atLine, String what, Supplier<T> meaning) {
        try {
            return Optional.of(meaning.get());
        } catch (ReinstateException e) {
            problems.add(atLine, what + ": " + e.what() + " (" + e.why() + "); " + e.next());
            return Optional.empty();
        }
    }

    /** Complains about every key that was not asked for. */
    void rejectOthers() {
        lines.forEach((key, keyLine) -> {
            if (!asked.contains(key)) {
                String reason = explained.getOrDefault(
                        prefix + key,
                        "is not known; known here: "
                                + String.join(", ", asked.stream().sorted().toList()));
                problems.add(keyLine, prefix + key + (explained.containsKey(prefix + key) ? ": " : " ") + reason);
            }
        });
    }
}

package dev.reinstate.cli.config;

import java.util.List;
import java.util.Map;

/** A piece of a YAML file, with the line it begins on (from 1). */
sealed interface YamlNode {
    int line();

    /** A plain or quoted text; numbers and booleans are texts too. */
    record Scalar(int line, String text) implements YamlNode {}

    /** Keys in the order of the file, each with its own line. */
    record Mapping(int line, Map<Key, YamlNode> entries) implements YamlNode {}

    record Sequence(int line, List<YamlNode> elements) implements YamlNode {}

    /** A key; two of one name are told apart by their lines. */
    record Key(int line, String name) {}
}

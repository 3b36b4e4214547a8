package dev.reinstate.cli.config;

import java.io.Reader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.dataformat.yaml.YAMLFactory;

/** Reads YAML into nodes that know their lines. */
final class YamlReader {
    private YamlReader() {}

    /** The document; an empty mapping for an empty file. Broken YAML is a problem, and nothing can be read on. */
    static YamlNode read(String text, Problems problems) {
        try (JsonParser parser = new YAMLFactory().createParser(ObjectReadContext.empty(), new WholeCharacters(text))) {
            return parser.nextToken() == null ? new YamlNode.Mapping(1, Map.of()) : node(parser);
        } catch (JacksonException e) {
            TokenStreamLocation location = e.getLocation();
            problems.add(location == null ? 0 : location.getLineNr(), "not YAML: " + firstLine(e));
            throw problems.failure(e);
        }
    }

    private static String firstLine(JacksonException e) {
        String message = e.getOriginalMessage();
        return message == null ? "unreadable" : message.lines().findFirst().orElse("unreadable");
    }

    private static YamlNode node(JsonParser parser) {
        int line = parser.currentTokenLocation().getLineNr();
        return switch (parser.currentToken()) {
            case START_OBJECT -> mapping(parser, line);
            case START_ARRAY -> sequence(parser, line);
            case VALUE_NULL -> new YamlNode.Scalar(line, "");
            default -> new YamlNode.Scalar(line, parser.getString());
        };
    }

    private static YamlNode.Mapping mapping(JsonParser parser, int line) {
        Map<YamlNode.Key, YamlNode> entries = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            YamlNode.Key key = new YamlNode.Key(parser.currentTokenLocation().getLineNr(), parser.currentName());
            parser.nextToken();
            entries.put(key, node(parser));
        }
        return new YamlNode.Mapping(line, entries);
    }

    private static YamlNode.Sequence sequence(JsonParser parser, int line) {
        List<YamlNode> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            elements.add(node(parser));
        }
        return new YamlNode.Sequence(line, elements);
    }

    /** Never ends a piece between the two halves of a character, where the YAML library reads beyond its buffer. */
    private static final class WholeCharacters extends Reader {
        private final String text;
        private int at;

        WholeCharacters(String text) {
            this.text = text;
        }

        @Override
        public int read(char[] into, int offset, int length) {
            int end = Math.min(text.length(), at + length);
            if (end - at > 1 && end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
                end--;
            }
            int count = end - at;
            text.getChars(at, end, into, offset);
            at = end;
            return count == 0 && length > 0 ? -1 : count;
        }

        @Override
        public void close() {
            // a text holds nothing open
        }
    }
}

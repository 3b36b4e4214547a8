package dev.reinstate.archive.manifest;

import dev.reinstate.archive.format.Damage;
import dev.reinstate.archive.format.ObjectId;
import dev.reinstate.archive.format.Token;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.SchemaPattern;
import dev.reinstate.model.StoreIdentity;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyMap;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The JSON of the values that manifests and checkpoints share. Fields are written in a fixed order. */
final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private Json() {}

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static byte[] bytes(ObjectNode node) {
        return MAPPER.writeValueAsBytes(node);
    }

    /** Parses a document of a format and turns it into a value; whatever does not fit is damage of that object. */
    static <T> T read(String key, byte[] content, String format, Function<JsonNode, T> reader) {
        return read(key, content, format, 1, reader);
    }

    /** @param newest version that the reader knows */
    static <T> T read(String key, byte[] content, String format, long newest, Function<JsonNode, T> reader) {
        try {
            JsonNode root = MAPPER.readTree(content);
            if (!text(root, "format").equals(format)) {
                throw Damage.of("INV-2", "Object " + key, "it is not a " + format);
            }
            long version = number(root, "version");
            if (version < 1 || version > newest) {
                throw newer(key, "version " + version);
            }
            return reader.apply(root);
        } catch (JacksonException | DateTimeException | IllegalArgumentException e) {
            throw Damage.of("INV-2", "Object " + key, "its content is not what the format says");
        }
    }

    static JsonNode parse(byte[] content) {
        return MAPPER.readTree(content);
    }

    static ReinstateException newer(String key, String found) {
        return ReinstateException.refused(
                "Object " + key + " cannot be read",
                "it has " + found + ", which this program does not know",
                "use the newer version of Reinstate that wrote it");
    }

    static JsonNode child(JsonNode node, String field) {
        JsonNode child = node.get(field);
        if (child == null) {
            throw new IllegalArgumentException("no field " + field);
        }
        return child;
    }

    static String text(JsonNode node, String field) {
        return child(node, field).stringValue();
    }

    static long number(JsonNode node, String field) {
        return child(node, field).longValue();
    }

    static Lsn lsn(JsonNode node, String field) {
        try {
            return Lsn.parse(text(node, field));
        } catch (ReinstateException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static Instant time(JsonNode node, String field) {
        return InstantText.parse(text(node, field));
    }

    static <T> List<T> list(JsonNode node, String field, Function<JsonNode, T> reader) {
        List<T> values = new ArrayList<>();
        child(node, field).forEach(element -> values.add(reader.apply(element)));
        return values;
    }

    static <T> void putList(ObjectNode node, String field, List<T> values, Function<T, ObjectNode> writer) {
        ArrayNode array = node.putArray(field);
        values.forEach(value -> array.add(writer.apply(value)));
    }

    static ObjectNode of(StoreIdentity store) {
        return object().put("systemIdentifier", Long.toUnsignedString(store.systemIdentifier()))
                .put("timeline", store.timeline())
                .put("database", store.database());
    }

    static StoreIdentity store(JsonNode node) {
        return new StoreIdentity(
                Long.parseUnsignedLong(text(node, "systemIdentifier")),
                (int) number(node, "timeline"),
                text(node, "database"));
    }

    static void put(ObjectNode node, StoredObject stored) {
        node.put("key", stored.key())
                .put("id", stored.id().hex())
                .put("sizeBytes", stored.sizeBytes())
                .put("sha256", stored.sha256())
                .put("tailOffset", stored.tailOffset())
                .put("blocks", stored.blocks());
    }

    static StoredObject storedObject(JsonNode node) {
        return new StoredObject(
                text(node, "key"),
                new ObjectId(text(node, "id")),
                number(node, "sizeBytes"),
                text(node, "sha256"),
                number(node, "tailOffset"),
                (int) number(node, "blocks"));
    }

    static Token token(JsonNode node, String field) {
        return Token.parse(text(node, field));
    }

    static ObjectNode of(TenancyMap map) {
        ObjectNode node = object();
        map.tenantTable().ifPresent(table -> put(node, "tenantTable", table));
        map.tenantSchemas().ifPresent(pattern -> node.put("tenantSchemas", pattern.text()));
        ArrayNode rules = node.putArray("rules");
        map.rules().forEach((table, rule) -> {
            ObjectNode one = rules.addObject();
            put(one, "table", table);
            put(one, rule);
        });
        return node;
    }

    static int oid(JsonNode node) {
        long oid = number(node, "oid");
        if (oid < 0 || oid > 0xFFFF_FFFFL) {
            throw new IllegalArgumentException("oid " + oid);
        }
        return (int) oid;
    }

    static void put(ObjectNode node, String field, TableName table) {
        node.putArray(field).add(table.schema()).add(table.name());
    }

    private static void put(ObjectNode node, TableRule rule) {
        switch (rule) {
            case TableRule.TenantTable tenant ->
                node.put("rule", "tenant-table").put("column", tenant.idColumn());
            case TableRule.ByColumn column -> node.put("rule", "column").put("column", column.column());
            case TableRule.ByPath path -> put(node.put("rule", "path"), path);
            case TableRule.ByPaths several -> {
                ArrayNode paths = node.put("rule", "paths").putArray("paths");
                several.paths().forEach(path -> put(paths.addObject(), path));
            }
            case TableRule.ByType type -> {
                node.put("rule", "type").put("typeColumn", type.typeColumn()).put("column", type.idColumn());
                ArrayNode parents = node.putArray("parents");
                type.parentsByType().forEach((text, parent) -> {
                    ObjectNode one = parents.addObject().put("type", text);
                    put(one, "parent", parent);
                });
            }
            case TableRule.BySchema schema -> node.put("rule", "schema");
            case TableRule.Shared shared -> node.put("rule", "shared");
            case TableRule.Ignored ignored -> node.put("rule", "ignored");
            case TableRule.Unmapped unmapped -> node.put("rule", "unmapped");
        }
    }

    private static void put(ObjectNode node, TableRule.ByPath path) {
        ArrayNode columns = node.putArray("columns");
        path.columns().forEach(columns::add);
        put(node, "parent", path.parent());
        if (!path.parentColumns().isEmpty()) {
            ArrayNode parentColumns = node.putArray("parentColumns");
            path.parentColumns().forEach(parentColumns::add);
        }
    }

    static TenancyMap tenancyMap(JsonNode node) {
        SortedMap<TableName, TableRule> rules = new TreeMap<>();
        child(node, "rules").forEach(one -> rules.put(table(one, "table"), rule(one)));
        Optional<TableName> tenantTable =
                node.has("tenantTable") ? Optional.of(table(node, "tenantTable")) : Optional.empty();
        Optional<SchemaPattern> tenantSchemas = node.has("tenantSchemas")
                ? Optional.of(new SchemaPattern(text(node, "tenantSchemas")))
                : Optional.empty();
        return new TenancyMap(tenantTable, tenantSchemas, rules);
    }

    static TableName table(JsonNode node, String field) {
        List<String> parts = list(node, field, JsonNode::stringValue);
        if (parts.size() != 2) {
            throw new IllegalArgumentException("a table is named by two parts");
        }
        return new TableName(parts.get(0), parts.get(1));
    }

    private static TableRule rule(JsonNode node) {
        return switch (text(node, "rule")) {
            case "tenant-table" -> new TableRule.TenantTable(text(node, "column"));
            case "column" -> new TableRule.ByColumn(text(node, "column"));
            case "path" -> path(node);
            case "paths" -> {
                List<TableRule.ByPath> paths = new ArrayList<>();
                child(node, "paths").forEach(one -> paths.add(path(one)));
                yield new TableRule.ByPaths(paths);
            }
            case "type" -> {
                SortedMap<String, TableName> parents = new TreeMap<>();
                child(node, "parents").forEach(one -> parents.put(text(one, "type"), table(one, "parent")));
                yield new TableRule.ByType(text(node, "typeColumn"), text(node, "column"), parents);
            }
            case "schema" -> new TableRule.BySchema();
            case "shared" -> new TableRule.Shared();
            case "ignored" -> new TableRule.Ignored();
            case "unmapped" -> new TableRule.Unmapped();
            default -> throw new IllegalArgumentException("rule " + text(node, "rule"));
        };
    }

    private static TableRule.ByPath path(JsonNode node) {
        return new TableRule.ByPath(
                list(node, "columns", JsonNode::stringValue),
                table(node, "parent"),
                node.has("parentColumns") ? list(node, "parentColumns", JsonNode::stringValue) : List.of());
    }
}

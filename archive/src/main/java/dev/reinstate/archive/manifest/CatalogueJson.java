package dev.reinstate.archive.manifest;

import static dev.reinstate.archive.manifest.Json.child;
import static dev.reinstate.archive.manifest.Json.list;
import static dev.reinstate.archive.manifest.Json.lsn;
import static dev.reinstate.archive.manifest.Json.object;
import static dev.reinstate.archive.manifest.Json.oid;
import static dev.reinstate.archive.manifest.Json.text;
import static dev.reinstate.archive.manifest.Json.time;

import dev.reinstate.archive.format.Sealed;
import dev.reinstate.model.Column;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TableVersion;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Table versions as sealed JSON. A column is an array, since there are many. */
public final class CatalogueJson {
    private static final String FORMAT = "reinstate-catalogue";

    private CatalogueJson() {}

    public static byte[] write(List<TableVersion> versions, DocumentCipher cipher) {
        ObjectNode node = object();
        Json.putList(node, "versions", versions, CatalogueJson::writeVersion);
        ObjectNode document = object().put("format", FORMAT).put("version", 1);
        return Sealed.seal(Json.bytes(cipher.add(document, node, "catalogue")));
    }

    private static ObjectNode writeVersion(TableVersion version) {
        ObjectNode node = object().put("position", version.position().toString())
                .put("time", version.time().toString())
                .put("oid", Integer.toUnsignedLong(version.oid()));
        Json.put(node, "table", version.name());
        version.shape().ifPresent(shape -> writeShape(node, shape));
        return node.put("storage", version.storage())
                .put("command", version.command())
                .put("exact", version.exact());
    }

    private static void writeShape(ObjectNode node, TableSchema shape) {
        ArrayNode columns = node.putArray("columns");
        shape.columns()
                .forEach(column -> columns.addArray()
                        .add(column.attnum())
                        .add(column.name())
                        .add(Integer.toUnsignedLong(column.typeOid()))
                        .add(column.typeName()));
        ArrayNode key = node.putArray("keyColumns");
        shape.keyColumns().forEach(key::add);
    }

    /** Columns that are alike are one object in memory: tables have ids and dates, and schemas of tenants the same tables. */
    public static List<TableVersion> read(String key, byte[] sealed, DocumentCipher cipher) {
        Map<Column, Column> known = new HashMap<>();
        return Json.read(
                key,
                Sealed.open(key, sealed),
                FORMAT,
                node -> list(
                        cipher.secretOf(node, key, "catalogue"), "versions", version -> readVersion(version, known)));
    }

    private static TableVersion readVersion(JsonNode node, Map<Column, Column> known) {
        int oid = oid(node);
        TableName name = Json.table(node, "table");
        Optional<TableSchema> shape =
                node.has("columns") ? Optional.of(readShape(oid, name, node, known)) : Optional.empty();
        return new TableVersion(
                lsn(node, "position"),
                time(node, "time"),
                oid,
                name,
                shape,
                text(node, "storage"),
                text(node, "command"),
                child(node, "exact").booleanValue());
    }

    private static TableSchema readShape(int oid, TableName name, JsonNode node, Map<Column, Column> known) {
        List<Column> columns =
                list(node, "columns", column -> known.computeIfAbsent(readColumn(column), Function.identity()));
        return new TableSchema(oid, name, columns, list(node, "keyColumns", JsonNode::intValue));
    }

    private static Column readColumn(JsonNode node) {
        if (node.size() != 4) {
            throw new IllegalArgumentException("a column has four parts");
        }
        return new Column(
                node.get(0).intValue(),
                node.get(1).stringValue(),
                (int) node.get(2).longValue(),
                node.get(3).stringValue());
    }
}

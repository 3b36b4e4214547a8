package dev.reinstate.postgres.discovery;

import dev.reinstate.model.TableName;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.catalogue.Table.ForeignKey;
import dev.reinstate.postgres.catalogue.Table.TableColumn;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Pairs of columns that look like a polymorphic reference: one names a table, the other holds a key of it, and no foreign
 * key can say so. Rails and Laravel call them {@code owner_type} and {@code owner_id}, Prisma {@code ownerType} and
 * {@code ownerId}; Django names the table by a row of {@code django_content_type}.
 */
final class TypePairs {
    private static final int FIRST_USER_OID = 16384;
    private static final int UUID = 2950;
    private static final Pattern ACTOR =
            Pattern.compile("(?i)^(actor|author|causer|creator|editor|modifier|performer|whodunnit)|_by_|By[A-Z]");
    private static final String CONTENT_TYPES = "django_content_type";

    /**
     * One pair.
     *
     * @param contentTypes Django's table of content types, whose keys the type column holds; the table itself otherwise
     */
    record Pair(TableName table, String typeColumn, String idColumn, TableName contentTypes) {
        /** Whether it says who did something, which is not whose it is. */
        boolean isActor() {
            return ACTOR.matcher(typeColumn).find();
        }

        boolean isDjango() {
            return !contentTypes.equals(table);
        }
    }

    private TypePairs() {}

    static List<Pair> of(Table table, LogicalTables logical) {
        Set<String> referencing = new HashSet<>();
        logical.foreignKeys(table).forEach(key -> referencing.addAll(key.columns()));
        List<Pair> pairs = new ArrayList<>();
        for (TableColumn column : table.columns()) {
            String name = column.name();
            String stem = name.replaceFirst("(_type|Type)$", "");
            boolean named = stem.length() < name.length() && !stem.isEmpty();
            if (named && isType(column) && !referencing.contains(name)) {
                String id = stem + (name.endsWith("_type") ? "_id" : "Id");
                String uuid = stem + (name.endsWith("_type") ? "_uuid" : "Uuid");
                add(table, name, List.of(id, uuid), table.name(), referencing, pairs);
            }
        }
        for (ForeignKey key : logical.foreignKeys(table)) {
            if (key.referenced().name().equals(CONTENT_TYPES) && key.columns().size() == 1) {
                String type = key.columns().getFirst();
                String stem = type.replaceFirst("(content_?type|ctype|ct)(_id)?$", "");
                List<String> ids = List.of(stem + "object_id", stem + "object_pk", stem + "id", stem + "object_uuid");
                add(table, type, ids, key.referenced(), referencing, pairs);
            }
        }
        return pairs;
    }

    private static void add(
            Table table,
            String typeColumn,
            List<String> idColumns,
            TableName contentTypes,
            Set<String> referencing,
            List<Pair> pairs) {
        idColumns.stream()
                .flatMap(id -> table.column(id).stream())
                .filter(id -> isKey(id) && !referencing.contains(id.name()))
                .filter(id -> !table.primaryKey().equals(List.of(id.name())))
                .findFirst()
                .ifPresent(id -> pairs.add(new Pair(table.name(), typeColumn, id.name(), contentTypes)));
    }

    /** A text, an enum or a domain. */
    private static boolean isType(TableColumn column) {
        int type = column.column().typeOid();
        return !column.generated() && (KeyTypes.isText(type) || type >= FIRST_USER_OID || type < 0);
    }

    private static boolean isKey(TableColumn column) {
        int type = column.column().typeOid();
        return !column.generated() && (KeyTypes.isText(type) || KeyTypes.isInteger(type) || type == UUID);
    }
}

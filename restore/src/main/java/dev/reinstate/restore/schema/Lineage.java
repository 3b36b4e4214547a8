package dev.reinstate.restore.schema;

import dev.reinstate.model.Column;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TableVersion;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What became of tables and columns: a table keeps its oid, a column its number, whatever they are called. In the store
 * itself that tells a renamed one from a new one; certainly where the catalogue's history is exact all the way.
 */
public final class Lineage {
    /** How a table or column of then is related to one of now. */
    public enum Kinship {
        /** It is that one, under the same name. */
        SAME,
        /** It is that one, under another name. */
        RENAMED,
        /** It seems to be that one, under another name: not all that happened is known. */
        LIKELY_RENAMED,
        /** It has the same name, and was made since. */
        RECREATED,
        /** There is one of that name, and whether it is that one is not known: a part of the history is lost. */
        UNKNOWN,
        /** It is gone. */
        GONE,
        /** It was gone by then already. */
        GONE_THEN
    }

    /** A relation and the name of now; that of then where there is no other. */
    public record Relation<N>(Kinship kinship, N now) {}

    private final Catalogue catalogue;
    private final boolean sameStore;
    private final boolean whole;
    private final Map<Integer, List<TableVersion>> versions = new HashMap<>();

    /**
     * @param knowledge the history of the archive's catalogue, and whether the database is the archive's store: oids and
     *     numbers mean nothing elsewhere
     */
    public Lineage(Catalogue catalogue, SchemaKnowledge knowledge) {
        this.catalogue = catalogue;
        this.sameStore = knowledge.sameStore();
        this.whole = knowledge.isWhole();
        knowledge
                .history()
                .forEach(version -> versions.computeIfAbsent(version.oid(), oid -> new ArrayList<>())
                        .add(version));
        versions.values().forEach(list -> list.sort(Comparator.comparing(TableVersion::position)));
    }

    /** What the table of that shape, as its rows were at a position, is now. */
    public Relation<TableName> table(TableSchema then, Lsn position) {
        Optional<TableVersion> known = at(then.oid(), position);
        if (known.isPresent() && known.get().shape().isEmpty()) {
            return new Relation<>(Kinship.GONE_THEN, known.get().name());
        }
        TableName name = known.map(TableVersion::name).orElse(then.name());
        Optional<Table> byOid = sameStore ? catalogue.table(then.oid()) : Optional.empty();
        if (byOid.isPresent()) {
            TableName now = byOid.get().name();
            if (now.equals(name) || now.equals(then.name())) {
                return new Relation<>(Kinship.SAME, now);
            }
            boolean sure = known.isPresent() && isExactSince(known.get()) && isNewestName(then.oid(), now);
            return new Relation<>(sure ? Kinship.RENAMED : Kinship.LIKELY_RENAMED, now);
        }
        if (catalogue.table(name).isEmpty()) {
            return new Relation<>(Kinship.GONE, name);
        }
        return new Relation<>(sameStore ? Kinship.RECREATED : Kinship.SAME, name);
    }

    /** What a table was at a position, as far as the archive's catalogue history tells. */
    public Optional<TableSchema> shapeAt(int oid, Lsn position) {
        return at(oid, position).flatMap(TableVersion::shape);
    }

    /** The numbers of columns that a table once had, and not any more at a position: a number never comes back. */
    public Set<Integer> goneAt(int oid, Lsn position) {
        Set<Integer> gone = new HashSet<>();
        shapeAt(oid, position).ifPresent(shape -> {
            versions.getOrDefault(oid, List.of()).stream()
                    .filter(version -> !position.isBefore(version.position()))
                    .flatMap(version -> version.shape().stream())
                    .forEach(earlier -> earlier.columns().forEach(column -> gone.add(column.attnum())));
            shape.columns().forEach(column -> gone.remove(column.attnum()));
        });
        return gone;
    }

    /** The table of now that a name of the past stands for, where that is sure. */
    public Optional<TableName> nameNow(TableName past) {
        if (!sameStore || catalogue.table(past).isPresent()) {
            return Optional.empty();
        }
        return versions.values().stream()
                .flatMap(List::stream)
                .filter(version -> version.name().equals(past) && isExactSince(version))
                .flatMap(version -> catalogue.table(version.oid()).stream())
                .filter(table -> isNewestName(table.oid(), table.name()))
                .map(Table::name)
                .findFirst();
    }

    /** The column of now that a name of the past stands for, where that is sure. */
    public Optional<String> columnNow(Table table, String past) {
        if (!sameStore || table.column(past).isPresent()) {
            return Optional.empty();
        }
        return versions.getOrDefault(table.oid(), List.of()).reversed().stream()
                .filter(version -> version.shape()
                        .filter(shape -> shape.indexOf(past) >= 0)
                        .isPresent())
                .findFirst()
                .filter(this::isExactSince)
                .flatMap(version -> version.shape())
                .flatMap(shape ->
                        byNumber(table, shape.columns().get(shape.indexOf(past)).attnum()))
                .filter(now -> isUpToDate(table, now))
                .map(Table.TableColumn::name);
    }

    /** What each column of that shape is in a table of now, in the order of the shape. */
    public List<Relation<String>> columns(TableSchema then, Lsn position, Table table) {
        if (!sameStore || table.oid() != then.oid()) {
            return then.columns().stream()
                    .map(column -> byName(table, column.name()))
                    .toList();
        }
        Optional<TableVersion> known = versionOf(then, position);
        List<Column> numbered =
                known.flatMap(TableVersion::shape).map(TableSchema::columns).orElse(then.columns()).stream()
                        .map(column -> numbered(column, then.oid()))
                        .toList();
        boolean exact = known.isPresent() && isExactSince(known.get());
        List<Column> moment = momentsColumns(numbered, then.oid(), position);
        List<Relation<String>> relations = new ArrayList<>();
        for (Column column : numbered) {
            relations.add(column(column, numbered, table, now -> exact || isAmong(moment, now)));
        }
        return relations;
    }

    /**
     * The columns of the table at the position, where all of those of a shape of then are among them: a number never comes
     * back, so whatever the row was written as, its columns are these. Else none.
     */
    private List<Column> momentsColumns(List<Column> numbered, int oid, Lsn position) {
        List<Column> moment = shapeAt(oid, position).map(TableSchema::columns).orElse(List.of());
        List<Integer> numbers = moment.stream().map(Column::attnum).toList();
        return whole && numbered.stream().allMatch(column -> column.attnum() != 0 && numbers.contains(column.attnum()))
                ? moment
                : List.of();
    }

    private static boolean isAmong(List<Column> columns, Table.TableColumn now) {
        return columns.stream()
                .anyMatch(column -> column.attnum() == now.column().attnum()
                        && column.name().equals(now.name()));
    }

    /** A column that the stream did not number, with the one number that columns of its name ever had. */
    private Column numbered(Column column, int oid) {
        if (!whole || column.attnum() != 0) {
            return column;
        }
        List<Integer> numbers = versions.getOrDefault(oid, List.of()).stream()
                .flatMap(version -> version.shape().stream())
                .flatMap(shape -> shape.columns().stream())
                .filter(other -> other.name().equals(column.name()))
                .map(Column::attnum)
                .filter(number -> number != 0)
                .distinct()
                .toList();
        return numbers.size() == 1
                ? new Column(numbers.getFirst(), column.name(), column.typeOid(), column.typeName())
                : column;
    }

    private Relation<String> column(Column then, List<Column> all, Table table, Predicate<Table.TableColumn> isSure) {
        Optional<Table.TableColumn> now = byNumber(table, then.attnum());
        if (now.isPresent() && !now.get().name().equals(then.name())) {
            boolean sure = isSure.test(now.get()) && isUpToDate(table, now.get());
            return new Relation<>(
                    sure ? Kinship.RENAMED : Kinship.LIKELY_RENAMED, now.get().name());
        }
        if (now.isPresent() || then.attnum() == 0) {
            Relation<String> named = byName(table, then.name());
            boolean hidden = now.isEmpty() && named.kinship() == Kinship.SAME && mayBeAnother(table, then.name());
            return hidden ? new Relation<>(Kinship.UNKNOWN, then.name()) : named;
        }
        boolean another = table.column(then.name())
                .filter(column -> all.stream()
                        .noneMatch(other -> other.attnum() == column.column().attnum()))
                .isPresent();
        return new Relation<>(another ? Kinship.RECREATED : Kinship.GONE, then.name());
    }

    /** Whether, with a part of the history lost, nothing tells that the column of that name has always been this one. */
    private boolean mayBeAnother(Table table, String name) {
        Optional<Integer> number =
                table.column(name).map(column -> column.column().attnum());
        return !whole
                && versions.getOrDefault(table.oid(), List.of()).stream()
                        .flatMap(version -> version.shape().stream())
                        .flatMap(shape -> shape.columns().stream())
                        .noneMatch(column -> column.name().equals(name) && number.equals(Optional.of(column.attnum())));
    }

    private static Relation<String> byName(Table table, String name) {
        return new Relation<>(table.column(name).isPresent() ? Kinship.SAME : Kinship.GONE, name);
    }

    private static Optional<Table.TableColumn> byNumber(Table table, int attnum) {
        return table.columns().stream()
                .filter(column -> attnum != 0 && column.column().attnum() == attnum)
                .findFirst();
    }

    /** The newest version by a position. That of the first image counts although its position is right after the first. */
    private Optional<TableVersion> at(int oid, Lsn position) {
        List<TableVersion> known = versions.getOrDefault(oid, List.of());
        Optional<TableVersion> newest = known.stream()
                .filter(version -> !position.isBefore(version.position()))
                .reduce((older, newer) -> newer);
        return newest.or(() -> known.stream()
                .findFirst()
                .filter(first -> !position.isBefore(first.position().previous())));
    }

    /** The newest version by a position that has the very columns of a shape, in their order. */
    private Optional<TableVersion> versionOf(TableSchema then, Lsn position) {
        List<String> names = names(then);
        List<TableVersion> known = versions.getOrDefault(then.oid(), List.of());
        Optional<TableVersion> newest = at(then.oid(), position);
        return known.stream()
                .filter(version ->
                        newest.isPresent() && !newest.get().position().isBefore(version.position()))
                .filter(version -> version.shape()
                        .filter(shape -> names(shape).equals(names))
                        .isPresent())
                .reduce((older, newer) -> newer);
    }

    private static List<String> names(TableSchema shape) {
        return shape.columns().stream().map(Column::name).toList();
    }

    private boolean isExactSince(TableVersion version) {
        return whole
                && versions.getOrDefault(version.oid(), List.of()).stream()
                        .filter(other -> !other.position().isBefore(version.position()))
                        .allMatch(TableVersion::exact);
    }

    private Optional<TableVersion> newest(int oid) {
        List<TableVersion> known = versions.getOrDefault(oid, List.of());
        return known.isEmpty() ? Optional.empty() : Optional.of(known.getLast());
    }

    private boolean isNewestName(int oid, TableName name) {
        return newest(oid).filter(version -> version.name().equals(name)).isPresent();
    }

    /** Whether the newest version known calls the column what it is called now. */
    private boolean isUpToDate(Table table, Table.TableColumn now) {
        return newest(table.oid())
                .flatMap(TableVersion::shape)
                .filter(shape -> isAmong(shape.columns(), now))
                .isPresent();
    }
}

package dev.reinstate.postgres.catalogue;

import dev.reinstate.postgres.Query;
import java.sql.Connection;

/**
 * What the catalogue's own rows are, in a few words: as long as it is the same, {@link Catalogue#read} says the same, but
 * for estimates. Reading it costs a small part of what reading the catalogue does.
 *
 * <p>Every change of a row of the catalogue leaves another version of it, which tells by its {@code xmin} and its place.
 * What only a privileged user can do by writing into the catalogue without leaving one is not seen.
 */
public record CatalogueMark(String text) {
    private static final String FAILURE = "Cannot see whether the catalogue has changed";

    private static final String QUERY = """
            WITH temporary AS MATERIALIZED (SELECT oid FROM pg_class WHERE relpersistence = 't')
            SELECT concat_ws(', ',
                (SELECT VERSIONS FROM pg_namespace v WHERE nspname NOT LIKE 'pg\\_temp%' AND nspname NOT LIKE 'pg\\_toast%'),
                (SELECT VERSIONS FROM pg_class v WHERE relpersistence <> 't' AND relkind <> 't'),
                (SELECT VERSIONS FROM pg_attribute v WHERE attnum > 0 AND NOT EXISTS (SELECT FROM temporary t WHERE t.oid = attrelid)),
                (SELECT VERSIONS FROM pg_attrdef v WHERE NOT EXISTS (SELECT FROM temporary t WHERE t.oid = adrelid)),
                (SELECT VERSIONS FROM pg_index v WHERE indisunique AND NOT EXISTS (SELECT FROM temporary t WHERE t.oid = indrelid)),
                (SELECT VERSIONS FROM pg_constraint v WHERE contype = 'f'
                    AND NOT EXISTS (SELECT FROM temporary t WHERE t.oid = conrelid)),
                (SELECT VERSIONS FROM pg_depend v WHERE deptype IN ('a', 'e', 'i', 'n') AND classid IN ('pg_class'::regclass,
                    'pg_attrdef'::regclass) AND NOT EXISTS (SELECT FROM temporary t WHERE t.oid = objid)
                    AND NOT EXISTS (SELECT FROM temporary t WHERE t.oid = refobjid)),
                (SELECT VERSIONS FROM pg_inherits v WHERE NOT EXISTS (SELECT FROM temporary t WHERE t.oid = inhrelid)),
                (SELECT VERSIONS FROM pg_trigger v WHERE NOT tgisinternal
                    AND NOT EXISTS (SELECT FROM temporary t WHERE t.oid = tgrelid)),
                (SELECT VERSIONS FROM pg_type v WHERE typrelid = 0 AND typcategory <> 'A'),
                (SELECT VERSIONS FROM pg_opclass v), (SELECT VERSIONS FROM pg_collation v), (SELECT VERSIONS FROM pg_extension v),
                (SELECT VERSIONS FROM pg_foreign_table v), (SELECT VERSIONS FROM pg_foreign_server v),
                (SELECT VERSIONS FROM pg_publication v), (SELECT VERSIONS FROM pg_publication_rel v),
                (SELECT hashtextextended(string_agg(rolname, ' ' ORDER BY oid), 0) FROM pg_roles))
            """.replace(
            "VERSIONS", "count(*) || ' ' || coalesce(bit_xor(hashtextextended(v.xmin::text || v.ctid::text, 0)), 0)");

    /** Reads it in one statement. */
    public static CatalogueMark read(Connection connection) {
        return Query.one(connection, FAILURE, QUERY, row -> new CatalogueMark(row.getString(1)));
    }
}

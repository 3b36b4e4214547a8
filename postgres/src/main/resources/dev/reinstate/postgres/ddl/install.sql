CREATE SCHEMA ${schema};
REVOKE ALL ON SCHEMA ${schema} FROM PUBLIC;

-- writes into the log what a table is now, in the transaction that changes it
CREATE FUNCTION ${schema}.tell(command text, relation oid) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $function$
SELECT pg_logical_emit_message(true, 'reinstate', jsonb_build_object(
           'ddl', 1, 'command', command, 'oid', c.oid::bigint, 'schema', n.nspname, 'name', c.relname,
           'kind', c.relkind, 'partition', c.relispartition, 'persistence', c.relpersistence,
           'identity', c.relreplident, 'file', c.relfilenode::bigint,
           'memberships', coalesce((
               SELECT jsonb_agg(r.oid::text)
                 FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
                WHERE p.pubname LIKE 'reinstate\_%' AND (r.prrelid = c.oid OR c.relispartition
                      AND r.prrelid IN (SELECT relid FROM pg_partition_ancestors(c.oid)))), '[]'),
           'columns', coalesce((
               SELECT jsonb_agg(jsonb_build_object(
                          'attnum', a.attnum, 'name', a.attname, 'type', a.atttypid::bigint,
                          'typeName', format_type(a.atttypid, a.atttypmod), 'notNull', a.attnotnull,
                          'generated', a.attgenerated <> '', 'version', a.xmin::text::bigint,
                          'fillsIn', a.atthasmissing, 'dropped', a.attisdropped) ORDER BY a.attnum)
                 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0), '[]'),
           'indexes', coalesce((
               SELECT jsonb_agg(jsonb_build_object(
                          'name', ic.relname, 'primary', i.indisprimary, 'identity', i.indisreplident,
                          'immediate', i.indimmediate,
                          'nullsNotDistinct', coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false),
                          'columns', (SELECT jsonb_agg(a.attname ORDER BY k.position)
                                        FROM unnest(i.indkey::int2[]) WITH ORDINALITY k (attnum, position)
                                        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
                                       WHERE k.position <= i.indnkeyatts)) ORDER BY ic.relname)
                 FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid
                WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
                  AND i.indexprs IS NULL), '[]'))::text)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.oid = relation AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
   AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
$function$;

-- whether the log tells which row an UPDATE or DELETE of the table was of
CREATE FUNCTION ${schema}.has_identity(relation oid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
SELECT CASE c.relreplident
           -- from 18 on the server refuses to publish an identity that has generated columns
           WHEN 'f' THEN current_setting('server_version_num')::int < 180000
                         OR NOT EXISTS (SELECT FROM pg_attribute a
                                         WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.attgenerated <> ''
                                           AND NOT a.attisdropped)
           WHEN 'n' THEN false
           ELSE EXISTS (SELECT FROM pg_index i
                         WHERE i.indrelid = c.oid AND i.indisvalid AND i.indimmediate
                           AND CASE c.relreplident WHEN 'i' THEN i.indisreplident ELSE i.indisprimary END) END
  FROM pg_class c WHERE c.oid = relation
$function$;

-- a published table without a replica identity would make its users' UPDATE fail: publish its inserts only, at once
CREATE FUNCTION ${schema}.follow_identities() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    member record;
    leaf record;
BEGIN
    FOR member IN
        SELECT c.oid, c.relkind, format('%I.%I', n.nspname, c.relname) AS name
          FROM pg_publication p
          JOIN pg_publication_rel r ON r.prpubid = p.oid
          JOIN pg_class c ON c.oid = r.prrelid
          JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE p.pubname = ${rowsText}
           AND EXISTS (SELECT FROM pg_partition_tree(c.oid) t WHERE t.isleaf AND NOT ${schema}.has_identity(t.relid)
                       UNION ALL SELECT WHERE c.relkind = 'r' AND NOT ${schema}.has_identity(c.oid))
    LOOP
        EXECUTE 'ALTER PUBLICATION ' || ${rowsIdentifier} || ' DROP TABLE ONLY ' || member.name;
        EXECUTE 'ALTER PUBLICATION ' || ${insertsIdentifier} || ' ADD TABLE ONLY ' || member.name;
        FOR leaf IN
            SELECT format('%I.%I', n.nspname, c.relname) AS name
              FROM pg_partition_tree(member.oid) t
              JOIN pg_class c ON c.oid = t.relid
              JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE member.relkind = 'p' AND t.isleaf AND ${schema}.has_identity(t.relid)
        LOOP
            EXECUTE 'ALTER PUBLICATION ' || ${rowsIdentifier} || ' ADD TABLE ONLY ' || leaf.name;
        END LOOP;
    END LOOP;
END
$function$;

CREATE FUNCTION ${schema}.on_command_end() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    PERFORM ${schema}.follow_identities();
    PERFORM ${schema}.tell(tables.command, tables.relation)
       FROM (WITH RECURSIVE altered (relation, command) AS (
                 SELECT coalesce(i.indrelid, d.objid), d.command_tag
                   FROM pg_event_trigger_ddl_commands() d LEFT JOIN pg_index i ON i.indexrelid = d.objid
                  WHERE d.classid = 'pg_class'::regclass AND NOT d.in_extension
                 UNION
                 SELECT h.inhrelid, a.command FROM altered a JOIN pg_inherits h ON h.inhparent = a.relation)
             SELECT relation, min(command) AS command FROM altered GROUP BY relation) tables;
    IF FOUND THEN
        -- a message of a subtransaction, which this block is, is sorted by where it ends, which is where the next record
        -- begins: without something between, a row written right after this command would be sent before what was told
        PERFORM pg_logical_emit_message(true, 'reinstate', '');
    END IF;
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'reinstate was not told of this command: %', SQLERRM;
END
$function$;

CREATE FUNCTION ${schema}.on_drop() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    PERFORM pg_logical_emit_message(true, 'reinstate', jsonb_build_object(
                'ddl', 1, 'command', tg_tag, 'oid', d.objid::bigint, 'schema', d.schema_name, 'name', d.object_name,
                'gone', true)::text)
       FROM pg_event_trigger_dropped_objects() d
      WHERE d.object_type = 'table' AND d.objsubid = 0 AND NOT d.is_temporary;
    PERFORM ${schema}.follow_identities();
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'reinstate was not told of this command: %', SQLERRM;
END
$function$;

CREATE FUNCTION ${schema}.on_rewrite() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    PERFORM pg_logical_emit_message(true, 'reinstate', jsonb_build_object(
                'ddl', 1, 'command', tg_tag, 'oid', c.oid::bigint, 'schema', n.nspname, 'name', c.relname,
                'rewrite', true)::text)
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = pg_event_trigger_table_rewrite_oid() AND c.relpersistence <> 't';
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'reinstate was not told of this command: %', SQLERRM;
END
$function$;

CREATE EVENT TRIGGER ${commandEnd} ON ddl_command_end
    WHEN TAG IN ('ALTER TABLE', 'ALTER INDEX', 'ALTER TYPE', 'ALTER DOMAIN', 'CREATE INDEX', 'CREATE SCHEMA',
                 'CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO')
    EXECUTE FUNCTION ${schema}.on_command_end();
CREATE EVENT TRIGGER ${drop} ON sql_drop
    WHEN TAG IN ('ALTER TABLE', 'DROP DOMAIN', 'DROP EXTENSION', 'DROP FUNCTION', 'DROP INDEX', 'DROP OWNED',
                 'DROP SCHEMA', 'DROP TABLE', 'DROP TYPE')
    EXECUTE FUNCTION ${schema}.on_drop();
CREATE EVENT TRIGGER ${rewrite} ON table_rewrite EXECUTE FUNCTION ${schema}.on_rewrite();
ALTER EVENT TRIGGER ${commandEnd} ENABLE ALWAYS;
ALTER EVENT TRIGGER ${drop} ENABLE ALWAYS;
ALTER EVENT TRIGGER ${rewrite} ENABLE ALWAYS;

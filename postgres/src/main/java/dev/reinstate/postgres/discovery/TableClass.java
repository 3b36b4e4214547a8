package dev.reinstate.postgres.discovery;

import dev.reinstate.model.TableRule;

/** What a report calls a table, by how its rows find their tenant. */
public enum TableClass {
    /** One row a tenant. */
    TENANT,
    /** A column holds the tenant. */
    COLUMN,
    /** The parent row's tenant; perhaps of one of several parents. */
    PATH,
    /** The tenant of a row in one of several tables, which a column names. */
    POLYMORPHIC,
    /** The schema is the tenant's. */
    SCHEMA,
    /** Of all tenants and of none. */
    SHARED,
    /** Not captured, by name or by decision. */
    IGNORED,
    /** A person must say. */
    UNMAPPED,
    /** A part of a table: a partition or a child by inheritance, under the rule of its root. */
    PARTITION,
    /** A view or materialised view: its rows are other tables'. */
    DERIVED,
    /** An extension's own. */
    EXTENSION,
    /** A foreign table: its rows are another server's. */
    FOREIGN;

    /** The class of a whole table under that rule. */
    public static TableClass of(TableRule rule) {
        return switch (rule) {
            case TableRule.TenantTable tenant -> TENANT;
            case TableRule.ByColumn column -> COLUMN;
            case TableRule.ByPath path -> PATH;
            case TableRule.ByPaths paths -> PATH;
            case TableRule.ByType type -> POLYMORPHIC;
            case TableRule.BySchema schema -> SCHEMA;
            case TableRule.Shared shared -> SHARED;
            case TableRule.Ignored ignored -> IGNORED;
            case TableRule.Unmapped unmapped -> UNMAPPED;
        };
    }
}

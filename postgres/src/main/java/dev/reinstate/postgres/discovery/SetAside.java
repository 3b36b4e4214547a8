package dev.reinstate.postgres.discovery;

import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Tables that are not captured because of their names: what migration tools, job queues, sessions and caches keep for
 * themselves. Names that an application could use for its customers' data ({@code jobs}, {@code sessions}) count only
 * with the columns those tools give them. A table that refers to others of the application is never set aside.
 */
final class SetAside {
    private static final String MIGRATIONS = "a migration tool's own table, known by its name";
    private static final String QUEUE = "a job queue's own table, known by its name: its rows are work in flight";
    private static final String SESSIONS = "sessions or a cache, known by its name: its rows are made anew";

    private record Rule(Pattern tables, Set<String> columns, String reason) {
        boolean fits(Table table) {
            String name = table.name().toString().toLowerCase(Locale.ROOT);
            return tables.matcher(name).matches()
                    && columns.stream()
                            .allMatch(column -> table.columns().stream()
                                    .anyMatch(c -> c.name().equalsIgnoreCase(column)));
        }
    }

    private static final List<Rule> RULES = List.of(
            tables(
                    MIGRATIONS,
                    "flyway_schema_history|schema_version|databasechangelog(lock)?|schema_migrations|schema_migration"
                            + "|ar_internal_metadata|data_migrations|alembic_version|south_migrationhistory"
                            + "|django_migrations|_migrations|knex_migrations(_lock)?|_prisma_migrations|goose_db_version|gorp_migrations"
                            + "|__efmigrationshistory|sequelizemeta|sequelizedata|typeorm_metadata|pgmigrations"
                            + "|doctrine_migration_versions|migration_versions|phinxlog|atlas_schema_revisions|_sqlx_migrations"
                            + "|__diesel_schema_migrations|__drizzle_migrations|mikro_orm_migrations|kysely_migration(_lock)?"
                            + "|umzug_migrations|rambler_migrations|yoyo_.*|_yoyo_.*|dbmate_migrations"),
            schemas(MIGRATIONS, "drizzle|supabase_migrations|atlas_schema_revisions"),
            tables(
                    QUEUE,
                    "que_(jobs|lockers|values)|delayed_jobs|good_(jobs|job_.*)|solid_queue_.*|oban_(jobs|peers|producers)"
                            + "|queue_classic_jobs(_.*)?|resque_.*|django_celery_(beat|results)_.*|celery_(taskmeta|tasksetmeta)"
                            + "|django_q_(ormq|schedule|task)|djkombu_(message|queue)|procrastinate_.*|huey_(kv|schedule|task)"
                            + "|river_(job|leader|queue|client|migration|client_queue)|qrtz_.*|batch_job_(instance|execution(_params|_context)?)|batch_step_execution(_context)?"
                            + "|shedlock|jobrunr_(jobs|recurring_jobs|backgroundjobservers|metadata|migrations)|act_ru_.*job"),
            schemas(QUEUE, "pgboss|graphile_worker|hangfire|pgmq|quartz|procrastinate"),
            withColumns(MIGRATIONS, "migrations", "migration", "batch"),
            withColumns(MIGRATIONS, "migrations", "timestamp", "name"),
            withColumns(QUEUE, "background_task(_completedtask)?", "task_name", "task_params", "run_at"),
            withColumns(QUEUE, "jobs", "queue", "payload", "attempts"),
            withColumns(QUEUE, "job_batches", "failed_job_ids", "pending_jobs"),
            withColumns(QUEUE, "failed_jobs", "queue", "payload", "exception"),
            tables(
                    SESSIONS,
                    "django_session|spring_session(_attributes)?|solid_cache_(entries|dashboard_.*)|solid_cable_messages"
                            + "|thumbnail_kvstore|cache_locks|telescope_(entries|entries_tags|monitoring)"),
            withColumns(SESSIONS, "sessions", "session_id", "data"),
            withColumns(SESSIONS, "sessions", "payload", "last_activity"),
            withColumns(SESSIONS, "session", "sid", "sess", "expire"),
            withColumns(SESSIONS, "user_sessions|sessions", "sid", "sess", "expire"),
            withColumns(SESSIONS, "cache", "key", "value", "expiration"),
            withColumns(SESSIONS, "cache_table|.*_cache_table", "cache_key", "value", "expires"));

    private SetAside() {}

    private static Rule tables(String reason, String names) {
        return new Rule(Pattern.compile("[^.]*\\.(" + names + ")"), Set.of(), reason);
    }

    private static Rule schemas(String reason, String names) {
        return new Rule(Pattern.compile("(" + names + ")\\..*"), Set.of(), reason);
    }

    private static Rule withColumns(String reason, String names, String... columns) {
        return new Rule(Pattern.compile("[^.]*\\.(" + names + ")"), Set.of(columns), reason);
    }

    /** Why the table is not captured, if it is one of those. */
    static Optional<String> reason(Table table, Catalogue catalogue) {
        return rule(table)
                .filter(found -> table.foreignKeys().stream()
                        .flatMap(key -> catalogue.table(key.referenced()).stream())
                        .allMatch(parent -> rule(parent).isPresent()))
                .map(Rule::reason);
    }

    private static Optional<Rule> rule(Table table) {
        return RULES.stream().filter(rule -> rule.fits(table)).findFirst();
    }
}

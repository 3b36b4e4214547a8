package dev.reinstate.e2e;

/** A role without special rights whose own settings would end whatever takes long or writes. */
final class HurriedRole {
    private HurriedRole() {}

    /** Lets it do to rows of that schema what a restore does; returns its name. */
    static String create(StoreUnderTest store, String schema) {
        String name = store.database() + "_hurried";
        store.execute("""
                DO $$ BEGIN
                    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '%1$s') THEN CREATE ROLE %1$s LOGIN; END IF;
                END $$;
                ALTER ROLE %1$s SET statement_timeout = '400ms';
                ALTER ROLE %1$s SET lock_timeout = '400ms';
                ALTER ROLE %1$s SET idle_in_transaction_session_timeout = '400ms';
                ALTER ROLE %1$s SET default_transaction_read_only = on;
                GRANT USAGE ON SCHEMA %2$s TO %1$s;
                GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %2$s TO %1$s;
                GRANT SELECT, USAGE, UPDATE ON ALL SEQUENCES IN SCHEMA %2$s TO %1$s;
                """.formatted(name, schema));
        if (store.majorVersion() >= 17) {
            store.execute("ALTER ROLE " + name + " SET transaction_timeout = '400ms'");
        }
        return name;
    }
}

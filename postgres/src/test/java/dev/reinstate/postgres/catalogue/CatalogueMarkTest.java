package dev.reinstate.postgres.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.TestServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

class CatalogueMarkTest {
    private final Database database = TestServer.shared().newDatabase();

    @Test
    void isAnotherAfterWhateverChangesTheCatalogueAndTheSameAfterAllElse() throws SQLException {
        TestServer.execute(database, """
                CREATE TABLE public.a (id int PRIMARY KEY, b text DEFAULT 'x', n int);
                CREATE TABLE public.p (id int, a_id int REFERENCES public.a) PARTITION BY RANGE (id);
                CREATE TABLE public.p1 (id int, a_id int);
                CREATE SEQUENCE public.s;
                CREATE TYPE public.mood AS ENUM ('sad');
                INSERT INTO public.a SELECT generate_series(1, 1000);
                CREATE PUBLICATION reinstate_x FOR TABLE public.a;
                CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
                """);
        try (Connection connection = database.connect()) {
            CatalogueMark before = CatalogueMark.read(connection);
            for (String quiet : List.of(
                    "UPDATE public.a SET n = 1",
                    "VACUUM ANALYZE public.a",
                    "CREATE TEMP TABLE scratch (id serial PRIMARY KEY, t text)",
                    "DROP TABLE scratch",
                    "SELECT nextval('public.s')",
                    "VACUUM pg_class",
                    "COMMENT ON PUBLICATION reinstate_x IS 'the newest entry'")) {
                Query.execute(connection, "Cannot " + quiet, quiet);
                assertThat(CatalogueMark.read(connection)).as(quiet).isEqualTo(before);
            }
            for (String loud : List.of(
                    "ALTER TABLE public.a ADD c int DEFAULT 7",
                    "ALTER TABLE public.a RENAME c TO d",
                    "ALTER TABLE public.a ALTER b SET DEFAULT 'y'",
                    "ALTER TABLE public.a ALTER n SET NOT NULL",
                    "ALTER TABLE public.a ALTER n TYPE bigint",
                    "TRUNCATE public.a CASCADE",
                    "ALTER TABLE public.a REPLICA IDENTITY FULL",
                    "CREATE UNIQUE INDEX a_b ON public.a (b)",
                    "DROP INDEX public.a_b",
                    "ALTER TABLE public.p ATTACH PARTITION public.p1 FOR VALUES FROM (0) TO (10)",
                    "ALTER TABLE public.p DETACH PARTITION public.p1",
                    "ALTER TABLE public.p DROP CONSTRAINT p_a_id_fkey",
                    "CREATE TRIGGER t AFTER INSERT ON public.a FOR EACH ROW EXECUTE FUNCTION public.f()",
                    "ALTER TABLE public.a ENABLE ALWAYS TRIGGER t",
                    "ALTER SEQUENCE public.s OWNED BY public.a.n",
                    "ALTER PUBLICATION reinstate_x ADD TABLE public.p1",
                    "ALTER PUBLICATION reinstate_x SET (publish = 'insert')",
                    "CREATE SCHEMA other",
                    "ALTER TABLE public.p1 SET SCHEMA other",
                    "CREATE DOMAIN public.short AS varchar(3)",
                    "CREATE ROLE catalogue_mark_owner",
                    "ALTER TABLE other.p1 OWNER TO catalogue_mark_owner",
                    "ALTER ROLE catalogue_mark_owner RENAME TO catalogue_mark_other",
                    "DROP TABLE other.p1",
                    "DROP ROLE catalogue_mark_other",
                    "CREATE VIEW public.v AS SELECT 1 AS one")) {
                TestServer.execute(database, loud);
                CatalogueMark after = CatalogueMark.read(connection);
                assertThat(after).as(loud).isNotEqualTo(before);
                before = after;
            }
        }
    }
}

package dev.reinstate.postgres.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.TestServer;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.replication.Publications.Wanted;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PublicationsTest {
    private static final SourceNames NAMES = SourceNames.ofStore("published");

    private final Database database = TestServer.shared().newDatabase();
    private final Connection connection = database.connect();

    @BeforeEach
    void create() {
        execute("""
                CREATE TABLE public.a (id int PRIMARY KEY);
                CREATE TABLE public.b (id int PRIMARY KEY, note text);
                CREATE TABLE public.keyless (id int)
                """);
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
    }

    private void execute(String sql) {
        Query.execute(connection, "Cannot " + sql, sql);
    }

    private static SortedSet<TableName> tables(String... names) {
        return Stream.of(names).map(TableName::parse).collect(Collectors.toCollection(TreeSet::new));
    }

    private List<String> apply(SortedSet<TableName> rows, SortedSet<TableName> inserts) {
        return Publications.apply(connection, NAMES, new Wanted(rows, inserts));
    }

    @Test
    void makesBothAlsoWithoutTables() {
        assertThat(Publications.read(connection, NAMES).rows()).isEmpty();
        assertThat(apply(tables(), tables())).hasSize(2);
        assertThat(Publications.read(connection, NAMES).rows()).contains(tables());
        assertThat(apply(tables(), tables())).isEmpty();
    }

    @Test
    void changesOnlyWhatDiffers() {
        apply(tables("a"), tables("keyless"));
        assertThat(apply(tables("b"), tables("keyless")))
                .containsExactly(
                        "ALTER PUBLICATION \"reinstate_published_rows\" DROP TABLE ONLY \"public\".\"a\"",
                        "ALTER PUBLICATION \"reinstate_published_rows\" ADD TABLE ONLY \"public\".\"b\"");
        assertThat(Publications.read(connection, NAMES).rows()).contains(tables("b"));
        assertThat(Publications.read(connection, NAMES).inserts()).contains(tables("keyless"));
    }

    @Test
    void mendsWhatSomeoneElseChanged() {
        apply(tables("a", "b"), tables("keyless"));
        execute("ALTER PUBLICATION reinstate_published_inserts SET (publish = 'insert, update')");
        execute("ALTER PUBLICATION reinstate_published_rows SET TABLE public.b, public.keyless");
        assertThat(apply(tables("a", "b"), tables("keyless"))).hasSize(3);
        assertThat(apply(tables("a", "b"), tables("keyless"))).isEmpty();
        assertThat(Publications.read(connection, NAMES).rows()).contains(tables("a", "b"));
    }

    @Test
    void mendsWhatSomeoneElseNarrowed() {
        assumeTrue(TestServer.shared().majorVersion() >= 15, "before 15 a publication has no column lists and filters");
        apply(tables("a", "b"), tables("keyless"));
        execute("ALTER PUBLICATION reinstate_published_rows SET TABLE public.a WHERE (id > 1), public.b (id)");
        assertThat(apply(tables("a", "b"), tables("keyless")))
                .containsExactly(
                        "ALTER PUBLICATION \"reinstate_published_rows\" DROP TABLE ONLY \"public\".\"a\", ONLY"
                                + " \"public\".\"b\"",
                        "ALTER PUBLICATION \"reinstate_published_rows\" ADD TABLE ONLY \"public\".\"a\", ONLY"
                                + " \"public\".\"b\"");
        assertThat(apply(tables("a", "b"), tables("keyless"))).isEmpty();
    }

    @Test
    void refusesATableWhoseChangesAreNotLogged() {
        execute("CREATE UNLOGGED TABLE public.scratch (id int PRIMARY KEY)");
        Catalogue catalogue = Catalogue.read(connection);
        assertThatThrownBy(() -> Publications.plan(catalogue, tables("a", "scratch")))
                .isInstanceOfSatisfying(ReinstateException.class, e -> {
                    assertThat(e.kind()).isEqualTo(FailureKind.INVALID);
                    assertThat(e.details()).containsExactly("public.scratch");
                });
    }

    @Test
    void usersCanStillUpdateATableWithoutAKey() {
        apply(tables("a"), tables("keyless"));
        execute("INSERT INTO public.keyless VALUES (1); UPDATE public.keyless SET id = 2; DELETE FROM public.keyless");
    }

    @Test
    void leavesNothingBehindWhenItFailsHalfWay() {
        assertThatThrownBy(() -> apply(tables("a"), tables("missing"))).isInstanceOf(ReinstateException.class);
        assertThat(Publications.read(connection, NAMES).rows()).isEmpty();
    }

    @Test
    void dropsBothAndMayDoSoAgain() {
        apply(tables("a"), tables("keyless"));
        Publications.drop(connection, NAMES);
        Publications.drop(connection, NAMES);
        assertThat(Publications.read(connection, NAMES).inserts()).isEmpty();
    }

    @Test
    void publishesAPartitionedTableAsAWholeWhenAllItsPartitionsHaveKeys() {
        execute("""
                CREATE TABLE public.visit (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
                CREATE TABLE public.visit_1 PARTITION OF public.visit FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
                CREATE TABLE public.log (id int, at date) PARTITION BY RANGE (at);
                CREATE TABLE public.log_1 PARTITION OF public.log FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
                CREATE TABLE public.log_2 PARTITION OF public.log (PRIMARY KEY (id))
                    FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
                """);
        Catalogue catalogue = Catalogue.read(connection);
        Wanted wanted = Publications.plan(
                catalogue, catalogue.tables().stream().map(Table::name).toList());
        assertThat(wanted.rows()).isEqualTo(tables("a", "b", "visit", "log_2"));
        assertThat(wanted.inserts()).isEqualTo(tables("keyless", "log"));
        assertThat(Publications.apply(connection, NAMES, wanted)).hasSize(2);
        execute("INSERT INTO public.log VALUES (1, '2025-02-02'), (2, '2026-02-02')");
        execute("UPDATE public.log SET id = id + 1");
    }
}

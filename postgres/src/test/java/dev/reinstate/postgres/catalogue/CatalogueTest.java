package dev.reinstate.postgres.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.model.Column;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.TestServer;
import dev.reinstate.postgres.catalogue.Table.ForeignKey;
import dev.reinstate.postgres.catalogue.Table.Identity;
import dev.reinstate.postgres.catalogue.Table.Kind;
import dev.reinstate.postgres.catalogue.Table.OnDelete;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class CatalogueTest {
    private final Database database = TestServer.shared().newDatabase();

    private Catalogue read(String... ddl) throws SQLException {
        TestServer.execute(database, ddl);
        try (Connection connection = database.connect()) {
            Catalogue catalogue = Catalogue.read(connection);
            assertThat(connection.getAutoCommit()).isTrue();
            return catalogue;
        }
    }

    private static Table table(Catalogue catalogue, String name) {
        return catalogue.require(TableName.parse(name));
    }

    @Test
    void readsColumnsKeysAndConstraints() throws SQLException {
        Catalogue catalogue = read("""
                CREATE TABLE public."Or""der" (
                    day date NOT NULL,
                    number int GENERATED ALWAYS AS IDENTITY,
                    dropped text,
                    price numeric(12,2) DEFAULT 1.5,
                    twice numeric GENERATED ALWAYS AS (price * 2) STORED,
                    counter serial,
                    code varchar(8) UNIQUE,
                    PRIMARY KEY (number, day));
                ALTER TABLE public."Or""der" DROP COLUMN dropped;
                CREATE TABLE public.line (id bigint PRIMARY KEY, number int, day date,
                    CONSTRAINT line_order FOREIGN KEY (day, number) REFERENCES public."Or""der" (day, number)
                        ON DELETE SET NULL DEFERRABLE);
                """);
        Table order = table(catalogue, "public.Or\"der");
        assertThat(order.columns())
                .extracting(Table.TableColumn::name)
                .containsExactly("day", "number", "price", "twice", "counter", "code");
        assertThat(order.primaryKey()).containsExactly("number", "day");
        assertThat(order.rowKey()).containsExactly("number", "day");
        assertThat(order.identity()).isEqualTo(Identity.DEFAULT);
        assertThat(order.owner()).isEqualTo("postgres");
        assertThat(order.storage().fileNode()).isPositive();
        assertThat(TableStorage.parse(order.storage().text())).hasValue(order.storage());
        Table.TableColumn price = order.column("price").orElseThrow();
        assertThat(price.column()).isEqualTo(new Column(4, "price", 1700, "numeric(12,2)"));
        assertThat(price.defaultExpression()).contains("1.5");
        assertThat(order.column("twice").orElseThrow().generated()).isTrue();
        assertThat(order.column("number").orElseThrow().identityColumn()).isTrue();
        assertThat(order.column("number").orElseThrow().sequences()).hasSize(1);
        assertThat(order.column("counter").orElseThrow().sequences())
                .containsExactly(new TableName("public", "Or\"der_counter_seq"));
        assertThat(order.uniqueConstraints())
                .extracting(Table.UniqueConstraint::columns)
                .containsExactlyInAnyOrder(List.of("number", "day"), List.of("code"));
        TableSchema schema = order.toSchema();
        assertThat(schema.columns())
                .extracting(Column::name)
                .containsExactly("day", "number", "price", "counter", "code");
        assertThat(schema.keyColumns()).containsExactly(1, 0);
        assertThat(table(catalogue, "line").foreignKeys())
                .containsExactly(new ForeignKey(
                        "line_order",
                        List.of("day", "number"),
                        order.name(),
                        List.of("day", "number"),
                        OnDelete.SET_NULL,
                        true));
    }

    @Test
    void knowsRowsByWhatTheLogTells() throws SQLException {
        Catalogue catalogue = read("""
                CREATE TABLE public.by_index (id int PRIMARY KEY, tenant text NOT NULL);
                CREATE UNIQUE INDEX by_index_identity ON public.by_index (tenant, id);
                ALTER TABLE public.by_index REPLICA IDENTITY USING INDEX by_index_identity;
                CREATE TABLE public.other_index (id int PRIMARY KEY, code text NOT NULL UNIQUE);
                ALTER TABLE public.other_index REPLICA IDENTITY USING INDEX other_index_code_key;
                CREATE TABLE public.nothing (id int PRIMARY KEY);
                ALTER TABLE public.nothing REPLICA IDENTITY NOTHING;
                CREATE TABLE public.all_of_it (id int, note text);
                ALTER TABLE public.all_of_it REPLICA IDENTITY FULL;
                CREATE TABLE public.all_with_unique (code text NOT NULL UNIQUE, maybe text UNIQUE);
                ALTER TABLE public.all_with_unique REPLICA IDENTITY FULL;
                CREATE TABLE public.deferrable_key (id int PRIMARY KEY DEFERRABLE);
                CREATE TABLE public.without (id int NOT NULL UNIQUE);
                """);
        assertThat(table(catalogue, "by_index").rowKey()).containsExactly("id");
        assertThat(table(catalogue, "by_index").identityColumns()).containsExactly("tenant", "id");
        assertThat(table(catalogue, "other_index").rowKey()).containsExactly("code");
        assertThat(table(catalogue, "nothing").hasKey()).isFalse();
        assertThat(table(catalogue, "all_of_it").hasKey()).isFalse();
        assertThat(table(catalogue, "all_with_unique").rowKey()).containsExactly("code");
        assertThat(table(catalogue, "deferrable_key").hasKey()).isFalse();
        assertThat(table(catalogue, "without").hasKey()).isFalse();
    }

    @Test
    void readsPartitionsInheritancePersistenceAndTriggers() throws SQLException {
        Catalogue catalogue = read("""
                CREATE TABLE public.visit (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
                CREATE TABLE public.visit_2025 PARTITION OF public.visit
                    FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') PARTITION BY LIST (id);
                CREATE TABLE public.visit_2025_one PARTITION OF public.visit_2025 FOR VALUES IN (1);
                CREATE TABLE public.visit_2026 PARTITION OF public.visit FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
                CREATE TABLE public.click (id int PRIMARY KEY, visit_id int, at date,
                    FOREIGN KEY (visit_id, at) REFERENCES public.visit);
                CREATE TABLE public.animal (id int PRIMARY KEY);
                CREATE TABLE public.cat () INHERITS (public.animal);
                CREATE UNLOGGED TABLE public.scratch (id int);
                CREATE TEMPORARY TABLE passing (id int);
                CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
                CREATE TRIGGER quiet AFTER INSERT ON public.animal FOR EACH ROW EXECUTE FUNCTION public.f();
                CREATE TRIGGER loud AFTER INSERT ON public.animal FOR EACH ROW EXECUTE FUNCTION public.f();
                ALTER TABLE public.animal ENABLE ALWAYS TRIGGER loud;
                """);
        assertThat(table(catalogue, "visit").kind()).isEqualTo(Kind.PARTITIONED);
        assertThat(table(catalogue, "visit_2025").kind()).isEqualTo(Kind.PARTITIONED);
        assertThat(table(catalogue, "visit_2025_one").kind()).isEqualTo(Kind.PARTITION);
        assertThat(catalogue.root(TableName.parse("visit_2025_one"))).isEqualTo(TableName.parse("visit"));
        assertThat(catalogue.leaves(TableName.parse("visit")))
                .extracting(t -> t.name().name())
                .containsExactlyInAnyOrder("visit_2025_one", "visit_2026");
        assertThat(table(catalogue, "click").foreignKeys()).hasSize(1);
        assertThat(table(catalogue, "cat").kind()).isEqualTo(Kind.ORDINARY);
        assertThat(table(catalogue, "cat").parents()).containsExactly(TableName.parse("animal"));
        assertThat(catalogue.root(TableName.parse("cat"))).isEqualTo(TableName.parse("cat"));
        assertThat(table(catalogue, "scratch").logged()).isFalse();
        assertThat(table(catalogue, "animal").alwaysTriggers()).containsExactly("loud");
        assertThat(catalogue.tables()).noneMatch(t -> t.name().name().equals("passing"));
        assertThat(catalogue.table(table(catalogue, "cat").oid())).contains(table(catalogue, "cat"));
    }

    @Test
    void readsATenantlessThousandOfTablesQuickly() throws SQLException {
        TestServer.execute(database, """
                DO $$ BEGIN FOR i IN 1..1000 LOOP
                    EXECUTE format('CREATE TABLE public.t%s (id int PRIMARY KEY, a text, b int UNIQUE, c timestamptz)', i);
                END LOOP; END $$
                """);
        try (Connection connection = database.connect()) {
            long start = System.nanoTime();
            assertThat(Catalogue.read(connection).tables()).hasSize(1000);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        }
    }

    @Test
    void namesTheNearTablesWhenOneIsMissing() throws SQLException {
        Catalogue catalogue = read("CREATE TABLE public.customer (id int)");
        assertThatThrownBy(() -> table(catalogue, "customers")).isInstanceOfSatisfying(ReinstateException.class, e -> {
            assertThat(e.kind()).isEqualTo(FailureKind.INVALID);
            assertThat(e).hasMessageContaining("public.customer");
        });
    }

    @Test
    void listsApartWhatIsNoTableOfTheUsersOwn() throws SQLException {
        Catalogue catalogue = read("""
                CREATE TABLE public.account (id int PRIMARY KEY);
                CREATE VIEW public.accounts AS SELECT * FROM public.account;
                CREATE MATERIALIZED VIEW public.account_count AS SELECT count(*) FROM public.account;
                CREATE FOREIGN DATA WRAPPER elsewhere;
                CREATE SERVER warehouse FOREIGN DATA WRAPPER elsewhere;
                CREATE FOREIGN TABLE public.stock (id int) SERVER warehouse;
                CREATE TABLE public.spatial_reference (id int);
                ALTER EXTENSION plpgsql ADD TABLE public.spatial_reference;
                """);
        assertThat(catalogue.tables()).extracting(t -> t.name().name()).containsExactly("account");
        assertThat(catalogue.others())
                .containsExactly(
                        new OtherRelation(TableName.parse("account_count"), OtherRelation.Kind.MATERIALISED_VIEW, ""),
                        new OtherRelation(TableName.parse("accounts"), OtherRelation.Kind.VIEW, ""),
                        new OtherRelation(
                                TableName.parse("spatial_reference"), OtherRelation.Kind.EXTENSION_TABLE, "plpgsql"),
                        new OtherRelation(TableName.parse("stock"), OtherRelation.Kind.FOREIGN_TABLE, "warehouse"));
    }
}

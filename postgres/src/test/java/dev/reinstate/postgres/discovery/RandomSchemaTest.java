package dev.reinstate.postgres.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.Sql;
import dev.reinstate.postgres.TestServer;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.discovery.RandomSchema.Truth;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Schemas of which it is known whose each row is: no row may be given to another tenant, however the table looks. */
class RandomSchemaTest {
    private static final int SCHEMAS = Integer.getInteger("reinstate.schemas", 15);

    private int ofTenants;
    private int found;

    @Test
    void noRowIsEverGivenToTheWrongTenant() throws SQLException {
        long base = Long.getLong("reinstate.seed", System.nanoTime());
        for (int i = 0; i < SCHEMAS; i++) {
            check(base + i);
        }
        System.out.println("reinstate.seed=" + base + ": the rule of " + found + " of " + ofTenants
                + " tenants' tables was found");
        assertThat(found).as("tables found of " + ofTenants + ", seed " + base).isGreaterThan(ofTenants / 2);
    }

    /**
     * Once wrong: the right way led through a table that was asked about, and nothing was left to hold the other one
     * against.
     */
    @ParameterizedTest
    @ValueSource(longs = {634, 100851, 200762, 300037, 59768717365335L, 59768717365409L})
    void norThroughATableAskedAbout(long seed) throws SQLException {
        check(seed);
        assertThat(found).isPositive();
    }

    private void check(long seed) throws SQLException {
        RandomSchema schema = new RandomSchema(seed);
        Database database = TestServer.shared().newDatabase();
        TestServer.execute(database, schema.sql());
        try (Connection connection = database.connect()) {
            Catalogue catalogue = Catalogue.read(connection);
            assertThat(TenantTableCandidates.find(catalogue).getFirst().table().name())
                    .as("seed " + seed)
                    .isEqualTo(schema.tenantTable);
            Given given = Given.tenantTable(TableName.parse(schema.tenantTable));
            DataChecks.Checked checked = DataChecks.check(connection, catalogue, given, DataChecks.Limits.DEFAULT);
            Map<TableName, TableRule> rules = DataChecks.rules(checked.proposals());
            TenancyDiscovery.toMap(given, checked.proposals());
            for (Proposal proposal : checked.proposals()) {
                Truth truth = schema.truths().get(proposal.table().name());
                if (truth != null) {
                    String context = "seed " + seed + ", " + proposal + "\n" + schema.sql();
                    OwnerSql sql = new OwnerSql(catalogue, Optional.empty(), rules);
                    judge(connection, schema, proposal, truth, sql, context);
                }
            }
        }
    }

    private void judge(
            Connection connection, RandomSchema schema, Proposal proposal, Truth truth, OwnerSql sql, String context) {
        boolean owned = proposal.rule().isOwned();
        assertThat(proposal.rule()).as(context).isNotInstanceOf(TableRule.Ignored.class);
        if (proposal.rule() instanceof TableRule.Shared) {
            assertThat(truth).as(context).isEqualTo(Truth.SHARED);
        }
        if (truth == Truth.OF_TENANTS) {
            ofTenants++;
            found += owned ? 1 : 0;
        }
        if (owned) {
            assertThat(truth).as(context).isEqualTo(Truth.OF_TENANTS);
            String wrong =
                    "SELECT count(*) FROM (SELECT " + sql.owner(proposal.table(), proposal.rule(), "s") + " AS w, "
                            + schema.tenantOf("s.id") + " AS truth FROM " + Sql.table(proposal.table())
                            + " s) o WHERE w <> truth::text";
            assertThat(TestServer.text(connection, wrong)).as(context).isEqualTo("0");
        }
    }
}

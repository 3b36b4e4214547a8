package dev.reinstate.capture.protection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.archive.ArchiveReader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProtectionTest extends ServerTest {
    private CaptureHarness shop(String name) {
        return new CaptureHarness(server, name, ShopSchema.DDL, ShopSchema.map(), directory);
    }

    private static List<String> keyed() {
        List<String> tables = new ArrayList<>(ShopSchema.tables());
        tables.removeAll(ShopSchema.KEYLESS);
        return tables;
    }

    private static final String TWO_SITES = """
            INSERT INTO site VALUES ('a', 'A'), ('b', 'B');
            INSERT INTO project VALUES (1, 'a', 'p1', NULL, (SELECT string_agg(md5(i::text), '') FROM generate_series(1, 300) i)),
                (2, 'b', 'p2', NULL, 'small');
            INSERT INTO issue VALUES (1, 1, 't', (SELECT string_agg(md5(i::text), '') FROM generate_series(1, 300) i)), (1, 2, 't', 'b'), (2, 1, 't', 'c');
            INSERT INTO comment VALUES (10, 1, 1, 'c10'), (11, 1, 2, 'c11'), (12, 2, 1, 'c12');
            INSERT INTO reaction VALUES (100, 10, ':)'), (101, 11, ':('), (102, 12, ':|');
            INSERT INTO worklog VALUES (10, 5), (12, 6);
            INSERT INTO app_user VALUES (1, 'a', 'x@a', 'bio'), (2, 'b', 'y@b', NULL);
            INSERT INTO note VALUES (1, 'a', 'n', '{x,y}'), (2, NULL, 'nobody', NULL);
            INSERT INTO tag VALUES ('a', 'red', 1), ('b', 'red', 2);
            INSERT INTO event VALUES ('a', 'e1'), ('b', 'e2');
            INSERT INTO plan VALUES (1, 'free');
            UPDATE site SET owner = 1 WHERE id = 'a';
            """;

    @Test
    void imageAndStreamMeetWithoutGapOrOverlap() throws Exception {
        try (CaptureHarness shop = shop("meet")) {
            shop.run(TWO_SITES);
            shop.start();
            shop.requireFoldEqualsOracle("image", ShopSchema.tables());
            shop.run("UPDATE project SET name = 'renamed' WHERE id = 1; DELETE FROM comment WHERE id = 11;"
                    + " INSERT INTO worklog VALUES (12, 7)");
            shop.requireFoldEqualsOracle("changes", keyed());
        }
    }

    @Test
    void aParentThatMovesTakesItsSubtreeAlong() throws Exception {
        try (CaptureHarness shop = shop("subtree")) {
            shop.run(TWO_SITES);
            shop.start();
            shop.requireFoldEqualsOracle("image", ShopSchema.tables());
            shop.run("UPDATE project SET site_id = 'b' WHERE id = 1");
            shop.requireFoldEqualsOracle("project moved", ShopSchema.tables());
            shop.run("UPDATE issue SET title = 'new' WHERE project_id = 1");
            shop.requireFoldEqualsOracle("changed after the move", ShopSchema.tables());
            shop.run(
                    "BEGIN; UPDATE comment SET body = 'x' WHERE id = 10; UPDATE project SET site_id = 'a' WHERE id = 1;"
                            + " UPDATE issue SET title = 'y' WHERE project_id = 1; DELETE FROM reaction WHERE id = 101;"
                            + " INSERT INTO reaction VALUES (103, 10, '!'); COMMIT");
            shop.requireFoldEqualsOracle("moved back among other changes", ShopSchema.tables());
        }
    }

    @Test
    void changedKeysCascadeAndKeepLargeValues() throws Exception {
        try (CaptureHarness shop = shop("rekey")) {
            shop.run(TWO_SITES);
            shop.start();
            shop.requireFoldEqualsOracle("image", ShopSchema.tables());
            shop.run("UPDATE project SET id = 7 WHERE id = 1");
            shop.requireFoldEqualsOracle("project has another key", ShopSchema.tables());
            shop.run("UPDATE issue SET project_id = 2, no = no + 10 WHERE project_id = 7");
            shop.requireFoldEqualsOracle("issues went to another tenant under other keys", ShopSchema.tables());
        }
    }

    @Test
    void deletionsFindTheirTenantThoughTheParentGoesFirst() throws Exception {
        try (CaptureHarness shop = shop("cascade")) {
            shop.run(TWO_SITES);
            shop.start();
            shop.requireFoldEqualsOracle("image", ShopSchema.tables());
            shop.run("DELETE FROM site WHERE id = 'a'");
            shop.requireFoldEqualsOracle("cascade", keyed());
            ArchiveReader reader = shop.quiesced();
            assertThat(shop.folded(reader, CaptureHarness.end(reader))).doesNotContainKey("*unattributed* comment");
        }
    }

    @Test
    void childrenMayComeBeforeTheirParents() throws Exception {
        try (CaptureHarness shop = shop("deferred")) {
            shop.run(TWO_SITES);
            shop.start();
            shop.requireFoldEqualsOracle("image", ShopSchema.tables());
            shop.run(
                    "BEGIN; SET CONSTRAINTS ALL DEFERRED; INSERT INTO reaction VALUES (200, 50, 'x');"
                            + " INSERT INTO comment VALUES (50, 2, 9, 'y'); INSERT INTO issue VALUES (2, 9, 'z', NULL); COMMIT");
            shop.requireFoldEqualsOracle("deferred", ShopSchema.tables());
        }
    }

    @Test
    void truncationEmptiesTheTableInEveryTenant() throws Exception {
        try (CaptureHarness shop = shop("truncated")) {
            shop.run(TWO_SITES);
            shop.start();
            shop.requireFoldEqualsOracle("image", ShopSchema.tables());
            shop.run("TRUNCATE comment CASCADE; INSERT INTO comment VALUES (10, 2, 1, 'again')");
            shop.requireFoldEqualsOracle("truncated", ShopSchema.tables());
        }
    }
}

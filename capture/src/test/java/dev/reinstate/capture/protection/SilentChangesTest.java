package dev.reinstate.capture.protection;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What DDL does to columns and files: the archive is right again, and says where it was not. */
class SilentChangesTest extends SilentShop {
    @Test
    void aColumnOfAnotherTypeRewritesTheTable() throws Exception {
        try (CaptureHarness shop = shop("another_type")) {
            shop.start();
            heals(shop, "issue", "ALTER TABLE issue ALTER COLUMN title TYPE text USING upper(title)");
            assertThat(ears.read).containsExactly("issue");
        }
    }

    @Test
    void aTypeThatIsRelabelledOnlyChangesTheText() throws Exception {
        try (CaptureHarness shop = shop("relabelled")) {
            shop.run(
                    "SET timezone = 'UTC'; ALTER TABLE note ADD at timestamp; UPDATE note SET at = '2020-01-01 00:00'");
            shop.start();
            heals(shop, "note", "ALTER TABLE note ALTER COLUMN at TYPE timestamptz");
        }
    }

    @Test
    void aVolatileDefaultRewritesTheTable() throws Exception {
        try (CaptureHarness shop = shop("volatile")) {
            shop.start();
            heals(shop, "comment", "ALTER TABLE comment ADD token double precision DEFAULT random()");
        }
    }

    @Test
    void aConstantDefaultIsInRowsThatWereNeverWritten() throws Exception {
        try (CaptureHarness shop = shop("constant")) {
            shop.start();
            heals(shop, "note", "ALTER TABLE note ADD priority integer NOT NULL DEFAULT 7");
            heals(
                    shop,
                    "issue",
                    "ALTER TABLE issue ADD state text DEFAULT 'open'; UPDATE issue SET state = 'x' WHERE no = 1");
        }
    }

    /** In one transaction, so that no look can come between. */
    @Test
    void aColumnThatCameAndWentFilledRowsMeanwhile() throws Exception {
        try (CaptureHarness shop = shop("passing")) {
            shop.start();
            heals(
                    shop,
                    "note",
                    "BEGIN; ALTER TABLE note ADD seen integer DEFAULT 7; ALTER TABLE note DROP seen; COMMIT");
        }
    }

    @Test
    void aKeyOfAnotherTypeTakesTheTablesBelowAlong() throws Exception {
        try (CaptureHarness shop = shop("key_type")) {
            shop.start();
            heals(shop, "comment", """
                    BEGIN;
                    ALTER TABLE reaction DROP CONSTRAINT reaction_comment_id_fkey;
                    ALTER TABLE worklog DROP CONSTRAINT worklog_comment_id_fkey;
                    ALTER TABLE comment ALTER COLUMN id TYPE numeric USING id + 100;
                    ALTER TABLE reaction ALTER COLUMN comment_id TYPE numeric USING comment_id + 100;
                    COMMIT
                    """);
            assertThat(ears.read).contains("comment", "reaction");
            shop.run(
                    "DELETE FROM reaction WHERE id = 1; UPDATE comment SET project_id = 2, issue_no = 3 WHERE id = 102");
            shop.requireFoldEqualsOracle("below", tables());
        }
    }

    @Test
    void aTableThatWasEmptiedLiesInAnotherFileAndNeedsNothing() throws Exception {
        try (CaptureHarness shop = shop("emptied")) {
            shop.start();
            settled(shop);
            ears.read.clear();
            shop.run("TRUNCATE note; INSERT INTO note VALUES (1, 'a', 'new', NULL)");
            settled(shop);
            shop.requireFoldEqualsOracle("emptied", tables());
            shop.run("VACUUM FULL note");
            settled(shop);
            shop.run("CLUSTER issue USING issue_pkey");
            settled(shop);
            shop.requireFoldEqualsOracle("moved", tables());
            assertThat(ears.read).isEmpty();
            shop.run("ALTER TABLE note ADD plain text; ALTER TABLE note RENAME body TO text");
            settled(shop);
            shop.run("UPDATE note SET text = 'x'");
            assertThat(ears.read).isEmpty();
            shop.run("ALTER TABLE note RENAME text TO body");
            settled(shop);
            shop.requireFoldEqualsOracle("renamed", tables());
        }
    }

    @Test
    void rowsGetAnotherKey() throws Exception {
        try (CaptureHarness shop = shop("another_key")) {
            shop.run("ALTER TABLE note REPLICA IDENTITY DEFAULT");
            shop.start();
            heals(
                    shop,
                    "note",
                    "BEGIN; ALTER TABLE note DROP CONSTRAINT note_pkey; ALTER TABLE note ALTER site_id SET NOT NULL;"
                            + " ALTER TABLE note ADD PRIMARY KEY (site_id, id); COMMIT");
        }
    }
}

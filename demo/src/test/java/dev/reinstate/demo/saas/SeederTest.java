package dev.reinstate.demo.saas;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

class SeederTest {
    private final SeededDatabase seeded = SeededDatabase.shared();

    @Test
    void everySiteHasRowsInEveryTable() throws SQLException {
        for (Ownership.Table table : Ownership.TABLES) {
            assertThat(seeded.query("SELECT DISTINCT %s FROM %s".formatted(table.site(), table.from())))
                    .as(table.name())
                    .hasSize(SeededDatabase.SITES);
        }
    }

    @Test
    void sitesAreOfVeryDifferentSizes() throws SQLException {
        List<Long> sizes = seeded.query("""
                SELECT count(*) FROM tracker.issue i JOIN tracker.project p ON p.id = i.project_id
                GROUP BY site_id ORDER BY 1
                """).stream().map(Long::valueOf).toList();

        assertThat(sizes.getLast()).isGreaterThan(8 * sizes.getFirst());
    }

    /** Seeding does not check foreign keys; this does, for every one of them. */
    @Test
    void everyForeignKeyHolds() throws SQLException {
        List<String> checks = seeded.query("""
                SELECT format('SELECT %L FROM %s c WHERE ROW(%s) IS NOT NULL AND NOT EXISTS (SELECT 1 FROM %s p WHERE %s) LIMIT 1',
                    f.conrelid::regclass || ' ' || f.conname, f.conrelid::regclass,
                    string_agg(format('c.%I', ca.attname), ', '), f.confrelid::regclass,
                    string_agg(format('p.%I = c.%I', pa.attname, ca.attname), ' AND '))
                FROM pg_constraint f, unnest(f.conkey, f.confkey) k (child, parent), pg_attribute ca, pg_attribute pa
                WHERE f.contype = 'f' AND ca.attrelid = f.conrelid AND ca.attnum = k.child
                  AND pa.attrelid = f.confrelid AND pa.attnum = k.parent
                GROUP BY f.oid, f.conrelid, f.confrelid, f.conname
                """);

        assertThat(checks).hasSizeGreaterThan(40);
        for (String check : checks) {
            assertThat(seeded.query(check)).isEmpty();
        }
    }

    @Test
    void rowsOfOneSiteNeverPointIntoAnother() throws SQLException {
        assertThat(seeded.query("""
                SELECT i.id FROM tracker.issue i JOIN tracker.project p ON p.id = i.project_id
                JOIN public.member m ON m.id = i.assignee_id OR m.id = i.reporter_id WHERE m.site_id <> p.site_id
                UNION ALL SELECT i.id FROM tracker.issue i JOIN tracker.project p ON p.id = i.project_id
                JOIN tracker.sprint s ON s.id = i.sprint_id JOIN tracker.board b ON b.id = s.board_id
                JOIN tracker.project q ON q.id = b.project_id WHERE q.site_id <> p.site_id
                UNION ALL SELECT l.source_id FROM tracker.issue_link l
                JOIN tracker.issue a ON a.id = l.source_id JOIN tracker.project pa ON pa.id = a.project_id
                JOIN tracker.issue b ON b.id = l.target_id JOIN tracker.project pb ON pb.id = b.project_id
                WHERE pa.site_id <> pb.site_id
                UNION ALL SELECT c.id FROM tracker.comment c JOIN tracker.comment r ON r.id = c.reply_to_id
                WHERE r.issue_id <> c.issue_id
                """)).isEmpty();
    }

    @Test
    void newRowsGetIdsThatAreFree() throws SQLException {
        assertThat(
                        seeded.query(
                                "SELECT nextval(pg_get_serial_sequence('tracker.comment', 'id')) > max(id) FROM tracker.comment"))
                .containsExactly("t");
        assertThat(seeded.query(
                        "SELECT nextval(pg_get_serial_sequence('public.member', 'id')) > max(id) FROM public.member"))
                .containsExactly("t");
    }
}

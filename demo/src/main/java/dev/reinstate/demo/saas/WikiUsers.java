package dev.reinstate.demo.saas;

import java.sql.SQLException;
import java.util.List;

/** What people do in the wiki. */
final class WikiUsers {
    static final List<Action> ACTIONS = List.of(
            new Action("edit page", 10, WikiUsers::edit),
            new Action("rename page", 8, WikiUsers::rename),
            new Action("create page", 6, WikiUsers::create),
            new Action("comment on page", 6, WikiUsers::comment),
            new Action("approve page", 3, WikiUsers::approve),
            new Action("relabel page", 3, WikiUsers::relabel),
            new Action("move page to another space", 2, WikiUsers::move),
            new Action("delete page", 3, WikiUsers::delete));

    private WikiUsers() {}

    private static Object space(Work work) throws SQLException {
        return work.find("SELECT id FROM wiki.space WHERE site_id = ? ORDER BY random() LIMIT 1", work.site())
                .orElseThrow(() -> new Work.NothingThere("space"));
    }

    private static Object page(Work work) throws SQLException {
        Object page = work.find("SELECT id FROM wiki.page WHERE space_id = ? ORDER BY random() LIMIT 1", space(work))
                .orElseThrow(() -> new Work.NothingThere("page"));
        return work.find("SELECT id FROM wiki.page WHERE id = ? FOR UPDATE", page)
                .orElseThrow(() -> new Work.NothingThere("page"));
    }

    /** The old body moves to the versions. */
    private static void edit(Work work) throws SQLException {
        Object page = page(work);
        work.insert("wiki.page_version", """
                INSERT INTO wiki.page_version SELECT id, version, body, updated_at FROM wiki.page WHERE id = ?
                """, page);
        work.update(
                "UPDATE wiki.page SET body = ?, version = version + 1, updated_at = now() WHERE id = ?",
                work.body(),
                page);
    }

    /** Leaves the body alone: a large one is not in the change stream. */
    private static void rename(Work work) throws SQLException {
        work.update("""
                UPDATE wiki.page SET title = ?, metadata = metadata || jsonb_build_object('views', ?), updated_at = now()
                WHERE id = ?
                """, work.text(25), work.below(10_000), page(work));
    }

    private static void create(Work work) throws SQLException {
        Object space = space(work);
        Object page = work.insertReturning("wiki.page", """
                INSERT INTO wiki.page (space_id, parent_id, title, body, author_id, metadata)
                VALUES (?, (SELECT id FROM wiki.page WHERE space_id = ? ORDER BY random() LIMIT 1), ?, ?,
                  (SELECT id FROM public.member WHERE site_id = ? ORDER BY random() LIMIT 1), '{"draft": null}')
                RETURNING id
                """, space, space, work.text(25), work.body(), work.site());
        work.insert("wiki.page_label", "INSERT INTO wiki.page_label VALUES (?, 'new'), (?, '')", page, page);
    }

    private static void comment(Work work) throws SQLException {
        Object page = page(work);
        work.insert("wiki.page_comment", """
                INSERT INTO wiki.page_comment (page_id, reply_to_id, body)
                VALUES (?, (SELECT max(id) FROM wiki.page_comment WHERE page_id = ?), ?)
                """, page, page, work.text(150));
    }

    private static void approve(Work work) throws SQLException {
        work.insert("wiki.version_approval", """
                INSERT INTO wiki.version_approval
                SELECT page_id, version, ?, now() FROM wiki.page_version WHERE page_id = ? ORDER BY version DESC LIMIT 1
                """, work.text(20), page(work));
    }

    private static void relabel(Work work) throws SQLException {
        Object page = page(work);
        work.update("""
                UPDATE wiki.page_label SET label = ?
                WHERE page_id = ? AND label = (SELECT min(label) FROM wiki.page_label WHERE page_id = ?)
                """, "label " + work.below(100_000), page, page);
    }

    private static void move(Work work) throws SQLException {
        work.update("UPDATE wiki.page SET space_id = ?, parent_id = NULL WHERE id = ?", space(work), page(work));
    }

    private static void delete(Work work) throws SQLException {
        Object page = page(work);
        if (work.find("SELECT 1 FROM wiki.page WHERE parent_id = ?", page).isPresent()) {
            throw new Work.NothingThere("page without a child");
        }
        work.requireMore(
                "SELECT 1 FROM wiki.page WHERE space_id = (SELECT space_id FROM wiki.page WHERE id = ?)", page);
        work.findAll("SELECT version FROM wiki.page_version WHERE page_id = ? ORDER BY version FOR UPDATE", page);
        work.delete("wiki.version_approval", "DELETE FROM wiki.version_approval WHERE page_id = ?", page);
        work.delete("wiki.page_version", "DELETE FROM wiki.page_version WHERE page_id = ?", page);
        work.delete("wiki.page_comment", "DELETE FROM wiki.page_comment WHERE page_id = ?", page);
        work.delete("wiki.page_label", "DELETE FROM wiki.page_label WHERE page_id = ?", page);
        work.delete("wiki.page", "DELETE FROM wiki.page WHERE id = ?", page);
    }
}

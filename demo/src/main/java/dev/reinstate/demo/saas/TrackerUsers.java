package dev.reinstate.demo.saas;

import java.sql.SQLException;
import java.util.List;

/** What people do in the tracker. */
final class TrackerUsers {
    static final List<Action> ACTIONS = List.of(
            new Action("create issue", 14, work -> createIssue(work, "{\"source\": \"web\"}")),
            new Action("comment", 16, TrackerUsers::comment),
            new Action("work on issue", 16, TrackerUsers::workOnIssue),
            new Action("save without a change", 2, TrackerUsers::saveWithoutChange),
            new Action("log work", 6, TrackerUsers::logWork),
            new Action("attach and link", 4, TrackerUsers::attachAndLink),
            new Action("react", 5, TrackerUsers::react),
            new Action("move issue to another project", 3, TrackerUsers::moveIssue),
            new Action("delete comment", 5, TrackerUsers::deleteComment),
            new Action("delete issue", 3, TrackerUsers::deleteIssue),
            new Action("create project", 1, TrackerUsers::createProject),
            new Action("drop sprint", 1, TrackerUsers::dropSprint));

    private TrackerUsers() {}

    private static Object project(Work work) throws SQLException {
        return work.find("SELECT id FROM tracker.project WHERE site_id = ? ORDER BY random() LIMIT 1", work.site())
                .orElseThrow(() -> new Work.NothingThere("project"));
    }

    private static Object issue(Work work) throws SQLException {
        return work.find("SELECT id FROM tracker.issue WHERE project_id = ? ORDER BY random() LIMIT 1", project(work))
                .orElseThrow(() -> new Work.NothingThere("issue"));
    }

    private static Object nextNumber(Work work, Object project) throws SQLException {
        return work.find("""
                        UPDATE tracker.project SET next_issue_number = next_issue_number + 1
                        WHERE id = ? RETURNING next_issue_number - 1
                        """, project).orElseThrow(() -> new Work.NothingThere("project"));
    }

    /** Also called when an incident becomes an issue. */
    static void createIssue(Work work, String fields) throws SQLException {
        Object project = project(work);
        Object issue = work.insertReturning(
                "tracker.issue",
                """
                INSERT INTO tracker.issue
                  (project_id, number, title, description, priority_id, reporter_id, estimate, labels, fields)
                VALUES (?, ?, ?, ?, ?, (SELECT id FROM public.member WHERE site_id = ? ORDER BY random() LIMIT 1),
                  ?::numeric / 4, ARRAY['new', ?], ?::jsonb) RETURNING id
                """,
                project,
                nextNumber(work, project),
                work.text(40),
                work.text(300),
                1 + work.below(4),
                work.site(),
                work.below(80),
                work.text(8),
                fields);
        event(work, issue, "created");
    }

    private static void event(Work work, Object issue, String field) throws SQLException {
        work.insert(
                "tracker.issue_event",
                "INSERT INTO tracker.issue_event (issue_id, change) VALUES (?, jsonb_build_object('field', ?, 'issue', ?))",
                issue,
                field,
                issue);
    }

    private static void comment(Work work) throws SQLException {
        Object issue = issue(work);
        Object comment = work.insertReturning(
                "tracker.comment", """
                INSERT INTO tracker.comment (issue_id, reply_to_id, author_id, body)
                VALUES (?, (SELECT max(id) FROM tracker.comment WHERE issue_id = ? AND id % 2 = 0),
                  (SELECT id FROM public.member WHERE site_id = ? ORDER BY random() LIMIT 1), ?) RETURNING id
                """, issue, issue, work.site(), work.text(20 + work.below(400)));
        if (work.below(2) == 0) {
            work.insert(
                    "tracker.comment_reaction", "INSERT INTO tracker.comment_reaction VALUES (?, '👀', 1)", comment);
        }
        work.update("UPDATE tracker.issue SET updated_at = now() WHERE id = ?", issue);
    }

    private static void workOnIssue(Work work) throws SQLException {
        Object issue = issue(work);
        work.update("""
                UPDATE tracker.issue SET status = (enum_range(NULL::tracker.issue_status))[?], updated_at = now(),
                  assignee_id = (SELECT id FROM public.member WHERE site_id = ? ORDER BY random() LIMIT 1),
                  fields = fields || jsonb_build_object('touched', ?) WHERE id = ?
                """, 1 + work.below(4), work.site(), work.below(1000), issue);
        event(work, issue, "status");
    }

    private static void saveWithoutChange(Work work) throws SQLException {
        work.update("UPDATE tracker.issue SET title = title, description = description WHERE id = ?", issue(work));
    }

    private static void logWork(Work work) throws SQLException {
        work.insert("tracker.worklog", """
                INSERT INTO tracker.worklog (issue_id, member_id, spent, worked_on)
                VALUES (?, (SELECT id FROM public.member WHERE site_id = ? ORDER BY random() LIMIT 1),
                  make_interval(mins => ?), current_date)
                """, issue(work), work.site(), work.below(500));
    }

    private static void attachAndLink(Work work) throws SQLException {
        Object issue = issue(work);
        work.insert("tracker.attachment", """
                INSERT INTO tracker.attachment (issue_id, file_name, size_bytes, checksum)
                VALUES (?, ?, ?, sha256(convert_to(?, 'UTF8')))
                """, issue, work.text(12), work.below(1_000_000), work.text(20));
        work.insert(
                "tracker.issue_link",
                "INSERT INTO tracker.issue_link VALUES (?, ?, 'relates to') ON CONFLICT DO NOTHING",
                issue,
                issue(work));
    }

    /** A reaction's emoji is part of its key: changing it changes the key. */
    private static void react(Work work) throws SQLException {
        work.update("""
                UPDATE tracker.comment_reaction SET times = times + 1, emoji = ?
                WHERE (comment_id, emoji) = (SELECT r.comment_id, r.emoji FROM tracker.comment_reaction r
                  JOIN tracker.comment c ON c.id = r.comment_id WHERE c.issue_id = ? ORDER BY random() LIMIT 1)
                """, "e" + work.below(100_000), issue(work));
    }

    private static void moveIssue(Work work) throws SQLException {
        Object issue = issue(work);
        Object target = project(work);
        work.update(
                "UPDATE tracker.issue SET project_id = ?, number = ?, sprint_id = NULL WHERE id = ?",
                target,
                nextNumber(work, target),
                issue);
        event(work, issue, "project");
    }

    private static void deleteComment(Work work) throws SQLException {
        Object comment = work.find("""
                        SELECT c.id FROM tracker.comment c WHERE c.issue_id = ? AND NOT EXISTS (
                          SELECT 1 FROM tracker.comment r WHERE r.reply_to_id = c.id)
                        ORDER BY id DESC LIMIT 1 FOR UPDATE
                        """, issue(work)).orElseThrow(() -> new Work.NothingThere("comment"));
        // A reply may have come between the search and the lock; its deletion would be a cascade nobody counts.
        if (work.find("SELECT 1 FROM tracker.comment WHERE reply_to_id = ?", comment)
                .isPresent()) {
            throw new Work.NothingThere("comment without a reply");
        }
        work.delete("tracker.comment_reaction", "DELETE FROM tracker.comment_reaction WHERE comment_id = ?", comment);
        work.delete("tracker.comment", "DELETE FROM tracker.comment WHERE id = ?", comment);
    }

    private static void deleteIssue(Work work) throws SQLException {
        Object issue = work.find("SELECT id FROM tracker.issue WHERE id = ? FOR UPDATE", issue(work))
                .orElseThrow(() -> new Work.NothingThere("issue"));
        work.requireMore(
                "SELECT 1 FROM tracker.issue WHERE project_id = (SELECT project_id FROM tracker.issue WHERE id = ?)",
                issue);
        work.findAll("SELECT id FROM tracker.comment WHERE issue_id = ? ORDER BY id FOR UPDATE", issue);
        work.delete("tracker.comment_reaction", """
                DELETE FROM tracker.comment_reaction
                WHERE comment_id IN (SELECT id FROM tracker.comment WHERE issue_id = ?)
                """, issue);
        work.delete("tracker.comment", "DELETE FROM tracker.comment WHERE issue_id = ?", issue);
        work.delete(
                "tracker.issue_link",
                "DELETE FROM tracker.issue_link WHERE source_id = ? OR target_id = ?",
                issue,
                issue);
        work.delete("tracker.issue_event", "DELETE FROM tracker.issue_event WHERE issue_id = ?", issue);
        work.delete("tracker.worklog", "DELETE FROM tracker.worklog WHERE issue_id = ?", issue);
        work.delete("tracker.attachment", "DELETE FROM tracker.attachment WHERE issue_id = ?", issue);
        work.delete("tracker.issue", "DELETE FROM tracker.issue WHERE id = ?", issue);
    }

    /** Project and default board point at each other; the check waits for the commit. */
    private static void createProject(Work work) throws SQLException {
        Object board = work.find("SELECT nextval(pg_get_serial_sequence('tracker.board', 'id'))")
                .orElseThrow();
        Object project = work.insertReturning(
                "tracker.project",
                "INSERT INTO tracker.project (site_id, key, name, default_board_id) VALUES (?, ?, ?, ?) RETURNING id",
                work.site(),
                "N" + board,
                work.text(15),
                board);
        work.insert(
                "tracker.board",
                "INSERT INTO tracker.board VALUES (?, ?, 'First', ARRAY['to do', ''])",
                board,
                project);
        work.insert("tracker.sprint", """
                INSERT INTO tracker.sprint (board_id, name, starts_on, lasts)
                VALUES (?, 'Sprint 1', current_date, '1 week')
                """, board);
    }

    /** Its issues stay and lose their sprint by {@code ON DELETE SET NULL}. */
    private static void dropSprint(Work work) throws SQLException {
        work.delete("tracker.sprint", """
                DELETE FROM tracker.sprint WHERE id = (SELECT s.id FROM tracker.sprint s
                  JOIN tracker.board b ON b.id = s.board_id WHERE b.project_id = ? LIMIT 1)
                """, project(work));
    }
}

package dev.reinstate.demo.saas;

import java.sql.SQLException;
import java.util.List;

/** What people (and machines) do in the pager. */
final class PagerUsers {
    static final List<Action> ACTIONS = List.of(
            new Action("open incident", 6, PagerUsers::open),
            new Action("advance incident", 8, PagerUsers::advance),
            new Action("turn incident into an issue", 2, PagerUsers::toIssue),
            new Action("delete incident", 2, PagerUsers::delete),
            new Action("edit escalation policy", 2, PagerUsers::editPolicy),
            new Action("hand over", 3, PagerUsers::handOver),
            new Action("measure availability", 3, PagerUsers::measure));

    private PagerUsers() {}

    private static Object service(Work work) throws SQLException {
        return work.find("SELECT id FROM pager.service WHERE site_id = ? ORDER BY random() LIMIT 1", work.site())
                .orElseThrow(() -> new Work.NothingThere("service"));
    }

    private static Object incident(Work work) throws SQLException {
        Object incident = work.find(
                        "SELECT id FROM pager.incident WHERE service_id = ? ORDER BY random() LIMIT 1", service(work))
                .orElseThrow(() -> new Work.NothingThere("incident"));
        return work.find("SELECT id FROM pager.incident WHERE id = ? FOR UPDATE", incident)
                .orElseThrow(() -> new Work.NothingThere("incident"));
    }

    private static void open(Work work) throws SQLException {
        Object incident = work.insertReturning(
                "pager.incident", """
                INSERT INTO pager.incident (service_id, severity_id, title, details, triggered_at)
                VALUES (?, ?, ?, json_build_object('site', ?, 'raw', ?), clock_timestamp()) RETURNING id
                """, service(work), 1 + work.below(3), work.text(30), work.site(), work.text(30));
        happened(work, incident, "triggered");
    }

    private static void happened(Work work, Object incident, String state) throws SQLException {
        Object event = work.insertReturning("pager.incident_event", """
                INSERT INTO pager.incident_event (incident_id, state, note, happened_at)
                VALUES (?, ?::pager.incident_state, ?, clock_timestamp()) RETURNING id
                """, incident, state, work.text(50));
        work.insert("pager.notification", """
                INSERT INTO pager.notification (incident_event_id, channel, address, delays, sent_at)
                VALUES (?, 'sms', ?, ARRAY[random(), 'Infinity', -0.0], localtimestamp),
                  (?, 'mail', ?, '{}', localtimestamp)
                """, event, work.text(15), event, work.text(15));
    }

    private static void advance(Work work) throws SQLException {
        Object incident = incident(work);
        work.update("UPDATE pager.incident SET state = 'resolved', resolved_at = now() WHERE id = ?", incident);
        happened(work, incident, "resolved");
    }

    /** One transaction over two products; the ids end up inside JSON. */
    private static void toIssue(Work work) throws SQLException {
        Object incident = incident(work);
        TrackerUsers.createIssue(
                work, "{\"incident\": " + incident + ", \"pager\": {\"site\": \"" + work.site() + "\"}}");
        happened(work, incident, "acknowledged");
    }

    private static void delete(Work work) throws SQLException {
        Object incident = incident(work);
        work.requireMore(
                "SELECT 1 FROM pager.incident WHERE service_id = (SELECT service_id FROM pager.incident WHERE id = ?)",
                incident);
        work.findAll("SELECT id FROM pager.incident_event WHERE incident_id = ? ORDER BY id FOR UPDATE", incident);
        work.delete("pager.notification", """
                DELETE FROM pager.notification
                WHERE incident_event_id IN (SELECT id FROM pager.incident_event WHERE incident_id = ?)
                """, incident);
        work.delete("pager.incident_event", "DELETE FROM pager.incident_event WHERE incident_id = ?", incident);
        work.delete("pager.incident", "DELETE FROM pager.incident WHERE id = ?", incident);
    }

    private static void editPolicy(Work work) throws SQLException {
        work.update("""
                UPDATE pager.escalation_policy SET rules = jsonb_set(rules, '{0,after}', to_jsonb(?::text))
                WHERE id = (SELECT id FROM pager.escalation_policy WHERE site_id = ? ORDER BY random() LIMIT 1)
                """, work.below(60) + " min", work.site());
    }

    private static void handOver(Work work) throws SQLException {
        work.insert("pager.schedule_entry", """
                INSERT INTO pager.schedule_entry (schedule_id, member_id, during)
                SELECT s.id, (SELECT id FROM public.member WHERE site_id = ? ORDER BY random() LIMIT 1),
                  tstzrange(now(), now() + s.rotates_every)
                FROM pager.schedule s WHERE s.site_id = ? ORDER BY random() LIMIT 1
                """, work.site(), work.site());
        work.delete("pager.schedule_entry", """
                DELETE FROM pager.schedule_entry WHERE id = (SELECT min(e.id) FROM pager.schedule_entry e
                  JOIN pager.schedule s ON s.id = e.schedule_id WHERE s.site_id = ?)
                """, work.site());
    }

    private static void measure(Work work) throws SQLException {
        work.update(
                "UPDATE pager.service SET availability = 100 - ?::numeric / 10000 WHERE id = ?",
                work.below(10_000),
                service(work));
    }
}

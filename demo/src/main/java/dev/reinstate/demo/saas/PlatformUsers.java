package dev.reinstate.demo.saas;

import java.sql.SQLException;
import java.util.List;

/** What administrators do, and the biller. */
final class PlatformUsers {
    static final List<Action> ACTIONS = List.of(
            new Action("change settings", 3, PlatformUsers::changeSettings),
            new Action("member joins", 4, PlatformUsers::join),
            new Action("member leaves", 1, PlatformUsers::leave),
            new Action("new team", 1, PlatformUsers::newTeam),
            new Action("member changes", 3, PlatformUsers::changeMember),
            new Action("bill several sites", 3, PlatformUsers::bill),
            new Action("renumber invoice lines", 1, PlatformUsers::renumber));

    private PlatformUsers() {}

    private static void changeSettings(Work work) throws SQLException {
        work.update(
                "UPDATE public.site SET settings = settings || jsonb_build_object('theme', ?) WHERE id = ?",
                work.text(10),
                work.site());
        work.update("""
                UPDATE public.site_product SET settings = settings || jsonb_build_object('seats', ?)
                WHERE site_id = ? AND product = 'wiki'
                """, work.below(500), work.site());
    }

    private static void join(Work work) throws SQLException {
        Object member = work.insertReturning("public.member", """
                INSERT INTO public.member (site_id, email, display_name, roles, joined_on, last_address)
                VALUES (?, gen_random_uuid() || '@new.example', ?, ARRAY['user', NULL, ''], current_date, '2001:db8::1')
                RETURNING id
                """, work.site(), work.text(12));
        work.insert("public.team_member", """
                INSERT INTO public.team_member
                SELECT id, ?, current_date FROM public.team WHERE site_id = ? ORDER BY random() LIMIT 1
                """, member, work.site());
    }

    /** What they wrote stays, without an author. */
    private static void leave(Work work) throws SQLException {
        Object member = work.find(
                        "SELECT id FROM public.member WHERE site_id = ? ORDER BY id DESC LIMIT 1 FOR UPDATE",
                        work.site())
                .orElseThrow(() -> new Work.NothingThere("member"));
        work.requireMore("SELECT 1 FROM public.member WHERE site_id = ?", work.site());
        work.delete("public.team_member", "DELETE FROM public.team_member WHERE member_id = ?", member);
        work.delete("public.member", "DELETE FROM public.member WHERE id = ?", member);
    }

    private static void newTeam(Work work) throws SQLException {
        work.insert(
                "public.team",
                "INSERT INTO public.team (site_id, slug, name) VALUES (?, gen_random_uuid()::text, ?)",
                work.site(),
                work.text(10));
    }

    private static void changeMember(Work work) throws SQLException {
        work.update("""
                UPDATE public.member SET display_name = ?, roles = array_append(roles[1:3], ?)
                WHERE id = (SELECT id FROM public.member WHERE site_id = ? ORDER BY random() LIMIT 1)
                """, work.text(15), work.text(5), work.site());
    }

    /** One transaction that touches several sites. */
    private static void bill(Work work) throws SQLException {
        for (String site : work.severalSites(3)) {
            Object invoice = work.find("SELECT nextval(pg_get_serial_sequence('public.invoice', 'id'))")
                    .orElseThrow();
            work.insertAt(site, "public.invoice", """
                    INSERT INTO public.invoice (id, site_id, number, amount, currency_code, issued_on, payable_within)
                    VALUES (?, ?, gen_random_uuid()::text, ?, 'EUR', current_date, '1 month 3 days')
                    """, invoice, site, work.below(100_000));
            work.insertAt(site, "public.invoice_line", """
                    INSERT INTO public.invoice_line (invoice_id, line_no, description, quantity, unit_price)
                    SELECT ?, n, ?, n / 3.0, 9.99 FROM generate_series(1, 4) n
                    """, invoice, work.text(20));
        }
    }

    private static void renumber(Work work) throws SQLException {
        work.update("""
                UPDATE public.invoice_line SET line_no = line_no + 10 WHERE invoice_id =
                  (SELECT max(id) FROM public.invoice WHERE site_id = ?) AND line_no < 1000
                """, work.site());
    }
}

package dev.reinstate.e2e;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What users do in one transaction; every trap of logical decoding that plain writes can set. */
final class Writer {
    /** Above it, users delete rather than add, so that a test's data stays small. */
    private static final int ENOUGH_PAGES = 400;

    private final Session session;

    Writer(Session session) {
        this.session = session;
    }

    /** Does something, uncommitted. */
    void transaction() throws SQLException {
        switch (session.dice(40)) {
            case 0 -> deleteTenant();
            case 1 -> renameTenant();
            case 2 -> newTenant("site-" + session.dice(8));
            case 3 -> bulkTickets();
            case 4 -> truncate();
            case 5 -> sharedRows();
            case 6, 7 -> rolledBackInPart();
            case 8, 9 -> severalTenants();
            case 10 -> comesAndGoes();
            default -> step();
        }
    }

    private void step() throws SQLException {
        switch (session.dice(18)) {
            case 0, 1, 2 -> pageTree(session.chance(0.3));
            case 3, 4 -> retitlePage();
            case 5 -> rewritePage();
            case 6 -> deletePages();
            case 7 -> seldom(this::movePage);
            case 8 -> seldom(this::moveVersion);
            case 9 -> rekeyComment();
            case 10 -> seldom(this::relinkAttachment);
            case 11 -> looseAttachment();
            case 12 -> member();
            case 13 -> updateMember();
            case 14 -> updateTickets();
            case 15 -> setting();
            case 16 -> homePage();
            default -> audit();
        }
    }

    private interface Step {
        void take() throws SQLException;
    }

    /** A row that moves to another tenant with all that hangs on it costs capture a look into the archive. */
    private void seldom(Step step) throws SQLException {
        if (session.chance(0.25)) {
            step.take();
        }
    }

    void newTenant(String id) throws SQLException {
        int created = session.execute("""
                INSERT INTO site (id, slug, plan_code, settings)
                VALUES (?, ?, 'team', jsonb_build_object('site', ?::text, 'text', ?::text)) ON CONFLICT DO NOTHING""", id, id + "-slug", id, session.text());
        if (created == 1) {
            for (int n = 0; n < 3; n++) {
                memberOf(id);
            }
            pageTreeOf(id, false);
        }
    }

    private void deleteTenant() throws SQLException {
        Optional<String> tenant = session.tenant("site-");
        if (tenant.isPresent()) {
            session.execute("DELETE FROM site WHERE id = ?", tenant.get());
            if (session.chance(0.3)) {
                newTenant(tenant.get());
            }
        }
    }

    private void renameTenant() throws SQLException {
        Optional<String> tenant = session.tenant("nomad-");
        if (tenant.isPresent()) {
            session.execute("UPDATE site SET id = ? WHERE id = ?", "nomad-" + session.dice(9), tenant.get());
        }
    }

    /** A page with versions, comments on them and reactions to those. */
    void pageTree(boolean childrenFirst) throws SQLException {
        if (session.count("SELECT count(*) FROM page") > ENOUGH_PAGES) {
            deletePages();
            return;
        }
        for (int n = session.dice(4); n >= 0; n--) {
            Optional<String> tenant = session.tenant("");
            if (tenant.isPresent()) {
                pageTreeOf(tenant.get(), childrenFirst);
            }
        }
    }

    private void pageTreeOf(String tenant, boolean childrenFirst) throws SQLException {
        Long parent = session.chance(0.4) ? session.page(tenant).orElse(null) : null;
        Long author = session.member(tenant).orElse(null);
        String body = session.chance(0.3) ? session.bigText(3_000 + session.dice(9_000)) : session.text();
        long page = Long.parseLong(session.pick("""
                        INSERT INTO page (title, site_id, parent_id, author_id, body, meta)
                        VALUES (?, ?, ?, ?, ?, jsonb_build_object('id', ?::text)) RETURNING id""", session.text(), tenant, parent, author, body, tenant)
                .orElseThrow());
        for (int version = 1; version <= 1 + session.dice(2); version++) {
            if (childrenFirst) {
                comments(page, version, author);
                version(page, version);
            } else {
                version(page, version);
                comments(page, version, author);
            }
        }
        attachment(page);
    }

    private void version(long page, int version) throws SQLException {
        session.execute(
                "INSERT INTO page_version (page_id, version, body) VALUES (?, ?, ?)",
                page,
                version,
                session.chance(0.1) ? session.bigText(4_000) : session.text());
    }

    private void comments(long page, int version, @Nullable Long author) throws SQLException {
        for (int n = session.dice(3); n > 0; n--) {
            UUID comment = session.uuid();
            session.execute(
                    "INSERT INTO comment (id, page_id, \"order\", author_id, text) VALUES (?, ?, ?, ?, ?)",
                    comment,
                    page,
                    version,
                    author,
                    session.text());
            session.execute("""
                    INSERT INTO reaction SELECT ?, kind, ? FROM unnest(ARRAY['like', 'tab	', 'zzz']) kind""", comment, session.dice(1000));
        }
    }

    private void attachment(@Nullable Long page) throws SQLException {
        session.execute(
                "INSERT INTO attachment (id, page_id, name, content) VALUES (?, ?, ?, decode(?, 'escape'))",
                session.uuid(),
                page,
                session.text(),
                session.chance(0.2) ? session.bigText(5_000) : "\\000\\001");
    }

    private void retitlePage() throws SQLException {
        onPage("UPDATE page SET title = ? WHERE id = ?", session.text());
    }

    private void rewritePage() throws SQLException {
        onPage("UPDATE page SET body = ? WHERE id = ?", session.bigText(6_000));
        session.execute("UPDATE page SET title = title WHERE id % 20 = ?", session.dice(20));
    }

    private void onPage(String sql, String text) throws SQLException {
        Optional<String> tenant = session.tenant("");
        Optional<Long> page = tenant.isPresent() ? session.page(tenant.get()) : Optional.empty();
        if (page.isPresent()) {
            session.execute(sql, text, page.get());
        }
    }

    /** Cascades to versions, comments and reactions, to child pages, and leaves attachments without a page. */
    private void deletePages() throws SQLException {
        Optional<String> tenant = session.tenant("");
        for (int n = 0; tenant.isPresent() && n < 2; n++) {
            Optional<Long> page = session.page(tenant.get());
            if (page.isPresent()) {
                session.execute("DELETE FROM page WHERE id = ?", page.get());
            }
        }
    }

    /** Its versions, comments, reactions and attachments go with it, without a word in the stream. */
    private void movePage() throws SQLException {
        Optional<String> tenant = session.tenant("");
        Optional<String> other = session.tenant("");
        Optional<Long> page = tenant.isPresent() ? session.page(tenant.get()) : Optional.empty();
        if (page.isPresent() && other.isPresent()) {
            session.execute("UPDATE page SET parent_id = NULL WHERE parent_id = ?", page.get());
            session.execute("UPDATE site SET home_page_id = NULL WHERE home_page_id = ?", page.get());
            session.execute(
                    "UPDATE comment SET author_id = NULL WHERE page_id = ? AND author_id IS NOT NULL", page.get());
            session.execute(
                    "UPDATE page SET site_id = ?, parent_id = NULL, author_id = NULL WHERE id = ?",
                    other.get(),
                    page.get());
        }
    }

    /** Changes a key that is also the path to the tenant; the comments' references follow by cascade. */
    private void moveVersion() throws SQLException {
        Optional<String> tenant = session.tenant("");
        Optional<String> other = session.tenant("");
        if (tenant.isEmpty() || other.isEmpty()) {
            return;
        }
        Optional<Long> page = session.page(tenant.get());
        Optional<Long> target = session.page(other.get());
        if (page.isPresent() && target.isPresent()) {
            session.execute("UPDATE comment SET author_id = NULL WHERE page_id = ? AND \"order\" = 1", page.get());
            session.execute("""
                    UPDATE page_version SET page_id = ?, version = (
                        SELECT coalesce(max(version), 0) + 1 FROM page_version WHERE page_id = ?)
                    WHERE page_id = ? AND version = 1""", target.get(), target.get(), page.get());
        }
    }

    private void rekeyComment() throws SQLException {
        Optional<String> tenant = session.tenant("");
        Optional<Long> page = tenant.isPresent() ? session.page(tenant.get()) : Optional.empty();
        if (page.isPresent()) {
            session.execute(
                    "UPDATE comment SET id = ? WHERE id = (SELECT id FROM comment WHERE page_id = ? LIMIT 1)",
                    session.uuid(),
                    page.get());
        }
    }

    private void relinkAttachment() throws SQLException {
        Optional<String> tenant = session.tenant("");
        Optional<Long> page = tenant.isPresent() ? session.page(tenant.get()) : Optional.empty();
        if (page.isPresent()) {
            session.execute("""
                    UPDATE attachment SET page_id = ?, last_owner = NULL, loosened_at = NULL WHERE id = (
                        SELECT id FROM attachment
                        WHERE page_id IS NULL AND coalesce(last_owner, '') NOT LIKE 'victim-%'
                        ORDER BY md5(id::text || ?) LIMIT 1 FOR UPDATE SKIP LOCKED)""", page.get(), session.dice(1_000_000));
        }
    }

    /** Whoever moves the page waits, so that its owner is still the same when this commits. */
    private void looseAttachment() throws SQLException {
        if (session.chance(0.5)) {
            attachment(null);
            return;
        }
        onPage("""
                UPDATE attachment a SET page_id = NULL, name = ?, loosened_at = pg_current_wal_insert_lsn(),
                    last_owner = (SELECT p.site_id FROM page p WHERE p.id = a.page_id FOR SHARE)
                WHERE page_id = ?""", session.text());
    }

    private void member() throws SQLException {
        Optional<String> tenant = session.tenant("");
        if (tenant.isPresent()) {
            memberOf(tenant.get());
        }
    }

    private void memberOf(String tenant) throws SQLException {
        session.execute(
                """
                INSERT INTO member (site_id, email, country_id, tags, balance, mood, badge, lead_id)
                VALUES (?, ?, ?, ARRAY[?, NULL, 'b"c'], ?::numeric, ?::mood, decode('00ff', 'hex'), ?)""",
                tenant,
                session.uuid() + "@example.org",
                1 + session.dice(20),
                session.text(),
                session.chance(0.1) ? "NaN" : session.dice(1000) + ".00" + session.dice(9),
                session.chance(0.5) ? "on fire" : "busy",
                session.member(tenant).orElse(null));
    }

    private void updateMember() throws SQLException {
        Optional<String> tenant = session.tenant("");
        Optional<Long> member = tenant.isPresent() ? session.member(tenant.get()) : Optional.empty();
        if (member.isPresent() && session.chance(0.2)) {
            session.execute("DELETE FROM member WHERE id = ?", member.get());
        } else if (member.isPresent()) {
            session.execute(
                    "UPDATE member SET balance = balance + ?, tags = tags || ? WHERE id = ?",
                    session.dice(3),
                    session.chance(0.1) ? session.text() : null,
                    member.get());
            session.execute(
                    "UPDATE member SET tags = ARRAY[]::text[] WHERE id = ? AND array_length(tags, 1) > 9",
                    member.get());
        }
    }

    private void bulkTickets() throws SQLException {
        Optional<String> tenant = session.tenant("");
        if (tenant.isEmpty()) {
            return;
        }
        session.execute("DELETE FROM desk.ticket WHERE site_id = ?", tenant.get());
        int first = session.count("SELECT coalesce(max(id), 0) + 1 FROM desk.ticket");
        StringBuilder rows = new StringBuilder();
        for (int n = 0; n < 100; n++) {
            rows.append(first + n)
                    .append('\t')
                    .append(tenant.get())
                    .append("\ttrailing  \t1e")
                    .append(session.dice(300))
                    .append("\t12.5\t(1,2,\"a,b\")\t{\"(1,,)\",NULL}\t[1,")
                    .append(5 + session.dice(9))
                    .append(
                            ")\t1 mon 2 days -03:04:05.6\t10:00:00.123+05:30\tinfinity\t10.1.2.3/8\t0101\tcat:3A fat\n");
        }
        try {
            session.copying().getCopyAPI().copyIn("COPY desk.ticket FROM STDIN", new StringReader(rows.toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void updateTickets() throws SQLException {
        Optional<String> tenant = session.tenant("");
        Optional<String> other = session.tenant("");
        if (tenant.isPresent() && other.isPresent()) {
            session.execute(
                    "UPDATE desk.ticket SET ratio = ratio / 3, at = '2024-02-29 23:59:59.999999' WHERE site_id = ? AND id % 7 = ?",
                    tenant.get(), session.dice(7));
            session.execute(
                    "UPDATE desk.ticket SET site_id = ? WHERE site_id = ? AND id % 50 = ?",
                    other.get(), tenant.get(), session.dice(50));
        }
    }

    private void setting() throws SQLException {
        Optional<String> tenant = session.tenant("");
        if (tenant.isPresent()) {
            session.execute("""
                    INSERT INTO "User Setting" VALUES (?, ?, to_json(?::text), ?)
                    ON CONFLICT (site_id, "Key") DO UPDATE SET note = EXCLUDED.note""", tenant.get(), "key " + session.dice(5), session.text(), session.text());
            session.execute(
                    "DELETE FROM \"User Setting\" WHERE site_id = ? AND \"Key\" = ?",
                    tenant.get(),
                    "key " + session.dice(20));
        }
    }

    private void homePage() throws SQLException {
        Optional<String> tenant = session.tenant("");
        Optional<Long> page = tenant.isPresent() ? session.page(tenant.get()) : Optional.empty();
        if (page.isPresent()) {
            session.execute("UPDATE site SET home_page_id = ? WHERE id = ?", page.get(), tenant.orElseThrow());
        }
    }

    /** Into tenants that are never deleted: what deletes a row without a key is not in the stream. */
    private void audit() throws SQLException {
        Optional<String> tenant = session.tenant("anchor-");
        if (tenant.isPresent()) {
            session.execute(
                    "INSERT INTO audit_log (site_id, note) SELECT ?, ? FROM generate_series(1, 3)",
                    tenant.get(),
                    session.chance(0.3) ? null : "same");
        }
    }

    /** Takes rows of every tenant, so not where any is to be spared. */
    private void truncate() throws SQLException {
        if (session.sparesNobody() && session.chance(0.15)) {
            session.execute(session.chance(0.5) ? "TRUNCATE reaction" : "TRUNCATE audit_log");
        }
    }

    private void sharedRows() throws SQLException {
        session.execute("UPDATE plan SET price = price + 0.01 WHERE code = 'team'");
        session.execute("UPDATE country SET name = ? WHERE id = ?", session.text(), 1 + session.dice(20));
    }

    private void rolledBackInPart() throws SQLException {
        step();
        Savepoint savepoint = session.savepoint();
        step();
        deletePages();
        session.rollbackTo(savepoint);
        step();
    }

    private void severalTenants() throws SQLException {
        for (int n = 0; n < 5; n++) {
            step();
        }
    }

    /** The same key deleted and inserted, inserted and deleted, in one transaction. */
    private void comesAndGoes() throws SQLException {
        Optional<String> tenant = session.tenant("");
        if (tenant.isEmpty()) {
            return;
        }
        for (String sql : new String[] {
            "DELETE FROM \"User Setting\" WHERE site_id = ?",
            "INSERT INTO \"User Setting\" SELECT ?, 'key ' || n, '[1]', 'one' FROM generate_series(1, 5) n",
            "UPDATE \"User Setting\" SET note = 'two' WHERE site_id = ?",
            "DELETE FROM \"User Setting\" WHERE site_id = ? AND \"Key\" = 'key 3'"
        }) {
            session.execute(sql, tenant.get());
        }
        pageTreeOf(tenant.get(), true);
        session.execute("DELETE FROM page WHERE id = (SELECT max(id) FROM page WHERE site_id = ?)", tenant.get());
    }
}

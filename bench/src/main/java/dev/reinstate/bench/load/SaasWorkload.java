package dev.reinstate.bench.load;

import dev.reinstate.bench.server.Database;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A tracker, a wiki and a pager in shared tables: tenants by column and over up to three foreign keys, JSON, arrays,
 * numerics, TOASTed text, a composite key. The changes are inserts, updates and deletes, five a transaction on average.
 *
 * @param sites tenants
 * @param scale issues of an average site; everything else in proportion
 */
public record SaasWorkload(int sites, int scale) implements Workload {
    @Override
    public String name() {
        return "demo-like";
    }

    @Override
    public String tenantTable() {
        return "public.site";
    }

    @Override
    public List<String> tables() {
        return List.of("site", "member", "project", "issue", "comment", "page", "page_version", "alert");
    }

    @Override
    public void create(Database database) throws SQLException {
        database.execute(script("schema.sql"));
        fill(database, 1, sites, scale);
        database.execute("VACUUM ANALYZE");
    }

    /** Adds sites {@code site-<first>} to {@code site-<last>} of that size. */
    public void fill(Database database, int first, int last, int issuesPerSite) throws SQLException {
        database.execute("CALL bench_fill(%d, %d, %d)".formatted(first, last, issuesPerSite));
    }

    /** Those sites' rows, parents first. */
    public static List<TenantRows> rowsOf(List<Integer> sites) {
        String ids = sites.stream().map(site -> "'site-" + site + "'").collect(Collectors.joining(", ", "(", ")"));
        String ofSite = "site_id IN " + ids;
        String ofProject = "project_id IN (SELECT id FROM project WHERE " + ofSite + ")";
        String ofIssue = "issue_id IN (SELECT id FROM issue WHERE " + ofProject + ")";
        String ofPage = "page_id IN (SELECT id FROM page WHERE " + ofSite + ")";
        return List.of(
                new TenantRows("site", "id IN " + ids),
                new TenantRows("member", ofSite),
                new TenantRows("project", ofSite),
                new TenantRows("issue", ofProject),
                new TenantRows("comment", ofIssue),
                new TenantRows("page", ofSite),
                new TenantRows("page_version", ofPage),
                new TenantRows("alert", ofSite));
    }

    @Override
    public long change(Connection connection, long transactions, double seed) throws SQLException {
        return Procedures.change(connection, transactions, seed);
    }

    private static String script(String name) {
        try (InputStream in = SaasWorkload.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is not in the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + name, e);
        }
    }
}

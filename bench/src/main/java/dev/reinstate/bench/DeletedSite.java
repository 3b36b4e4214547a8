package dev.reinstate.bench;

import dev.reinstate.bench.load.SaasWorkload;
import dev.reinstate.bench.load.TenantContent;
import dev.reinstate.bench.load.TenantRows;
import dev.reinstate.bench.product.CaptureProcess;
import dev.reinstate.bench.product.Installation;
import dev.reinstate.bench.product.Restored;
import dev.reinstate.bench.server.Database;
import dev.reinstate.model.Lsn;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;

/** A site that is deleted and brought back again and again, always to the same moment. */
final class DeletedSite {
    private final Installation installation;
    private final int site;
    private final Lsn position;
    private final String content;

    private DeletedSite(Installation installation, int site, Lsn position, String content) {
        this.installation = installation;
        this.site = site;
        this.position = position;
        this.content = content;
    }

    /** Archives the database as it is, and stops capture: it would only disturb the measuring. */
    static DeletedSite protect(Path folder, Database database, int site) throws Exception {
        Installation installation = Installation.init(folder, database, "public.site");
        Lsn position;
        try (CaptureProcess capture = installation.protect()) {
            capture.awaitCaughtUp();
            position = installation.reader().state().durableTo().previous(); // it is an end: exclusive
        }
        return new DeletedSite(installation, site, position, TenantContent.of(database, SaasWorkload.rowsOf(site)));
    }

    List<TenantRows> rows() {
        return SaasWorkload.rowsOf(site);
    }

    /** Deletes it and leaves the tables as clean as they were, so that every round finds the same. */
    void delete() throws SQLException {
        Database database = installation.database();
        database.execute("DELETE FROM site WHERE id = 'site-" + site + "'");
        database.execute("VACUUM ANALYZE");
        database.checkpoint();
    }

    Restored restore() throws Exception {
        return installation.restore("site-" + site, position);
    }

    /** A fast restore of other rows would be worth nothing. */
    void requireBack() throws SQLException {
        String now = TenantContent.of(installation.database(), rows());
        if (!now.equals(content)) {
            throw new IllegalStateException("site-" + site + " did not come back:\n" + content + "\nis now\n" + now);
        }
    }
}

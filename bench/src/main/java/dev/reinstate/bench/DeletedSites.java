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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Sites that are deleted and brought back again and again, always to the same moment. */
final class DeletedSites {
    private final Installation installation;
    private final List<Integer> sites;
    private final Lsn position;
    private final String content;

    private DeletedSites(Installation installation, List<Integer> sites, Lsn position, String content) {
        this.installation = installation;
        this.sites = sites;
        this.position = position;
        this.content = content;
    }

    /** Archives the database as it is, and stops capture: it would only disturb the measuring. */
    static DeletedSites protect(Path folder, Database database, List<Integer> sites) throws Exception {
        Installation installation = Installation.init(folder, database, "public.site");
        Lsn position;
        try (CaptureProcess capture = installation.protect()) {
            capture.awaitCaughtUp();
            position = installation.reader().state().durableTo().previous(); // it is an end: exclusive
        }
        return new DeletedSites(installation, sites, position, TenantContent.of(database, SaasWorkload.rowsOf(sites)));
    }

    /** The last position at which they are there. */
    Lsn position() {
        return position;
    }

    List<TenantRows> rows() {
        return SaasWorkload.rowsOf(sites);
    }

    /** Deletes them and leaves the tables as clean as they were, so that every round finds the same. */
    void delete() throws SQLException {
        Database database = installation.database();
        database.execute("DELETE FROM site WHERE " + rows().getFirst().condition());
        database.execute("VACUUM ANALYZE");
        database.checkpoint();
    }

    /** Brings back the one site that there is. */
    Restored restore() throws Exception {
        return installation.restore("site-" + sites.getFirst(), position);
    }

    /** Brings back all of them with one command, and says how long that took from the start of its JVM on. */
    Duration restoreAll() throws Exception {
        List<String> arguments = new ArrayList<>();
        sites.forEach(site -> arguments.add("site-" + site));
        arguments.addAll(List.of("--at-position", position.toString(), "--yes", "--proof-within", "0s"));
        return installation.run("restore", arguments.toArray(String[]::new)).wall();
    }

    /** A fast restore of other rows would be worth nothing. */
    void requireBack() throws SQLException {
        String now = TenantContent.of(installation.database(), rows());
        if (!now.equals(content)) {
            throw new IllegalStateException("sites " + sites + " did not come back:\n" + content + "\nis now\n" + now);
        }
    }
}

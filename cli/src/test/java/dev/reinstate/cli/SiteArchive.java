package dev.reinstate.cli;

import dev.reinstate.archive.Archive;
import dev.reinstate.archive.ArchiveSettings;
import dev.reinstate.model.StoreIdentity;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.objectstore.ObjectStore;
import java.util.Map;
import java.util.TreeMap;

/** An archive of sites, which are tenants, and of nothing else. */
final class SiteArchive {
    static final TableName SITE = new TableName("public", "site");

    private SiteArchive() {}

    static void create(ObjectStore objects, ArchiveSettings settings) {
        TenancyMap tenancy = new TenancyMap(SITE, new TreeMap<>(Map.of(SITE, new TableRule.TenantTable("id"))));
        Archive.create(objects, new StoreIdentity(1, 1, "shop"), tenancy, settings);
    }
}

package dev.reinstate.postgres.discovery;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What tenants, and what tables that are not of tenants, are usually called. */
final class TenantNouns {
    /** What a column without a foreign key may call the tenant, whatever the tenant table is called. */
    private static final Set<String> ANY_TENANT = Set.of(
            "organization",
            "organisation",
            "org",
            "account",
            "acct",
            "tenant",
            "company",
            "customer",
            "client",
            "workspace",
            "realm",
            "site",
            "team",
            "project",
            "shop",
            "store",
            "merchant",
            "subscriber");

    /** What tenant tables are called besides. */
    private static final Set<String> TENANT_TABLES = Set.of(
            "agency",
            "business",
            "branch",
            "brand",
            "clinic",
            "community",
            "firm",
            "hospital",
            "instance",
            "institution",
            "practice",
            "school",
            "university",
            "vendor",
            "partner",
            "domain",
            "space",
            "group");

    private static final Set<String> PEOPLE_OR_LOOKUPS = Set.of(
            "user",
            "member",
            "person",
            "contact",
            "employee",
            "profile",
            "role",
            "permission",
            "country",
            "currency",
            "language",
            "locale",
            "timezone",
            "type",
            "status",
            "category",
            "tag",
            "plan",
            "file",
            "blob",
            "image",
            "address",
            "product",
            "order",
            "item",
            "event",
            "post",
            "article",
            "message",
            "comment",
            "job",
            "task");

    /** Abbreviations and spellings of one another. */
    private static final List<Set<String>> SAME = List.of(
            Set.of("organization", "organisation", "org"),
            Set.of("account", "acct"),
            Set.of("customer", "client", "cust"),
            Set.of("company", "co", "comp"),
            Set.of("workspace", "ws", "wksp"));

    private TenantNouns() {}

    /** The word tenants often go by that the name consists of, or ends with behind an application's prefix. */
    static Optional<String> usual(Words name) {
        if (name.isEmpty()) {
            return Optional.empty();
        }
        String last = name.words().getLast();
        boolean whole = name.words().size() == 1
                || (name.words().size() == 2
                        && Words.of(name.words().getFirst()).words().getFirst().equals(last));
        return whole && (ANY_TENANT.contains(last) || TENANT_TABLES.contains(last))
                ? Optional.of(last)
                : Optional.empty();
    }

    static boolean isOfPeopleOrLookups(Words name) {
        return !name.isEmpty() && PEOPLE_OR_LOOKUPS.contains(name.words().getLast());
    }

    /** Whether a column's noun means a tenant, whatever its table is called. */
    static boolean meansATenant(Words noun) {
        return noun.words().size() == 1 && ANY_TENANT.contains(noun.words().getFirst());
    }

    /** Whether both are spellings of the same word. */
    static boolean same(Words one, Words other) {
        if (one.equals(other)) {
            return !one.isEmpty();
        }
        return one.words().size() == 1
                && other.words().size() == 1
                && SAME.stream()
                        .anyMatch(s -> s.contains(one.words().getFirst())
                                && s.contains(other.words().getFirst()));
    }
}

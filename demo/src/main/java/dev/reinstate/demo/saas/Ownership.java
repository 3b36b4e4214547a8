package dev.reinstate.demo.saas;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which rows belong to which site, as the makers of the SaaS know it: written by hand, one line a table. The oracle
 * reads by it, so it must not come from Reinstate's discovery.
 */
public final class Ownership {
    /** Tables with reference data that belongs to nobody. */
    public static final List<String> SHARED =
            List.of("public.currency", "public.country", "public.plan", "tracker.priority", "pager.severity");

    /** Tables of the sites, every table after the one it belongs to. */
    public static final List<Table> TABLES = List.of(
            new Table("public.site", "id", ""),
            new Table("public.site_product", "site_id", ""),
            new Table("public.member", "site_id", ""),
            new Table("public.team", "site_id", ""),
            new Table("public.team_member", "team_id", "public.team"),
            new Table("public.invoice", "site_id", ""),
            new Table("public.invoice_line", "invoice_id", "public.invoice"),
            new Table("tracker.project", "site_id", ""),
            new Table("tracker.board", "project_id", "tracker.project"),
            new Table("tracker.sprint", "board_id", "tracker.board"),
            new Table("tracker.issue", "project_id", "tracker.project"),
            new Table("tracker.issue_link", "source_id", "tracker.issue"),
            new Table("tracker.issue_event", "issue_id", "tracker.issue"),
            new Table("tracker.worklog", "issue_id", "tracker.issue"),
            new Table("tracker.attachment", "issue_id", "tracker.issue"),
            new Table("tracker.comment", "issue_id", "tracker.issue"),
            new Table("tracker.comment_reaction", "comment_id", "tracker.comment"),
            new Table("wiki.space", "site_id", ""),
            new Table("wiki.page", "space_id", "wiki.space"),
            new Table("wiki.page_version", "page_id", "wiki.page"),
            new Table("wiki.version_approval", "page_id", "wiki.page"),
            new Table("wiki.page_comment", "page_id", "wiki.page"),
            new Table("wiki.page_label", "page_id", "wiki.page"),
            new Table("pager.escalation_policy", "site_id", ""),
            new Table("pager.service", "site_id", ""),
            new Table("pager.schedule", "site_id", ""),
            new Table("pager.schedule_entry", "schedule_id", "pager.schedule"),
            new Table("pager.incident", "service_id", "pager.service"),
            new Table("pager.incident_event", "incident_id", "pager.incident"),
            new Table("pager.notification", "incident_event_id", "pager.incident_event"));

    private static final Map<String, Table> BY_NAME =
            TABLES.stream().collect(Collectors.toUnmodifiableMap(Table::name, table -> table));

    private Ownership() {}

    /** All tables there are. */
    public static List<String> everyTable() {
        return Stream.concat(SHARED.stream(), TABLES.stream().map(Table::name)).toList();
    }

    /**
     * One table of the sites.
     *
     * @param column names the site, or the {@code id} of a row of {@code parent}
     * @param parent empty when {@code column} names the site itself
     */
    public record Table(String name, String column, String parent) {
        public boolean namesItsSite() {
            return parent.isEmpty();
        }

        /** {@code FROM} clause in which {@code t} is this table and {@link #site()} can be read. */
        public String from() {
            StringBuilder from = new StringBuilder(name).append(" t");
            String alias = "t";
            int hop = 0;
            for (Table table = this; !table.namesItsSite(); table = table.above()) {
                String next = "p" + ++hop;
                from.append(" JOIN %s %s ON %s.id = %s.%s".formatted(table.parent, next, next, alias, table.column));
                alias = next;
            }
            return from.toString();
        }

        /** The expression for the site's id. */
        public String site() {
            Table table = this;
            String alias = "t";
            int hop = 0;
            while (!table.namesItsSite()) {
                table = table.above();
                alias = "p" + ++hop;
            }
            return alias + "." + table.column;
        }

        private Table above() {
            return Objects.requireNonNull(BY_NAME.get(parent), parent);
        }
    }
}

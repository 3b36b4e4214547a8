package dev.reinstate.cli.verb;

import dev.reinstate.cli.terminal.Terminal;
import dev.reinstate.cli.terminal.TextTable;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.SchemaPattern;
import dev.reinstate.model.TableName;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.discovery.SchemaPatterns;
import dev.reinstate.postgres.discovery.TenantTableCandidates;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds out what a tenant is, when nobody said: looks for tables with one row a tenant and for schemas of one tenant each,
 * asks on a terminal, and elsewhere takes one only when it is clear.
 */
final class TenantChoice {
    /** So many times likelier than the next must a table be. */
    private static final double CLEAR = 2;

    private static final int ENOUGH_SCHEMAS = 3;

    /** What a tenant is. */
    record Chosen(Optional<TableName> table, Optional<SchemaPattern> schemas) {}

    /** One possibility, as it is shown. */
    private record Possibility(String text, String idColumn, List<String> reasons, Chosen chosen) {}

    private final Terminal terminal;
    private final List<Possibility> possibilities = new ArrayList<>();
    private boolean clear;

    TenantChoice(Terminal terminal, Catalogue catalogue) {
        this.terminal = terminal;
        Optional<SchemaPatterns.Found> schemas = SchemaPatterns.find(catalogue);
        List<TenantTableCandidates.Candidate> tables = TenantTableCandidates.find(catalogue);
        schemas.ifPresent(found -> possibilities.add(new Possibility(
                "schemas " + found.pattern(),
                "",
                found.reasons(),
                new Chosen(Optional.empty(), Optional.of(found.pattern())))));
        tables.forEach(table -> possibilities.add(new Possibility(
                table.table().toString(),
                table.idColumn(),
                table.reasons(),
                new Chosen(Optional.of(table.table()), Optional.empty()))));
        clear = schemas.map(found -> found.schemas().size() >= ENOUGH_SCHEMAS
                        && !found.pattern().text().equals("{tenant}"))
                .orElseGet(() -> tables.size() == 1
                        || (tables.size() > 1
                                && tables.get(0).score()
                                        >= CLEAR * tables.get(1).score()));
    }

    /** The chosen one; {@code INVALID} with all of them when it is not clear and nobody can be asked. */
    Chosen choose() {
        if (possibilities.isEmpty()) {
            throw ReinstateException.invalid(
                    "No table looks like one with a row a tenant",
                    "no table is referred to by others, by foreign key or by a column named after it, and no schemas hold"
                            + " the same tables",
                    "name it with --tenant-table TABLE, or how tenants' schemas are called with --tenant-schemas"
                            + " 'tenant_{tenant}'");
        }
        if (terminal.asks()) {
            terminal.note("What is a tenant?");
            lines().forEach(terminal::note);
            return terminal.ask("Which? [1]")
                    .map(this::answer)
                    .orElseThrow(() -> ReinstateException.refused(
                            "Nothing was chosen", "the input ended", "run it again, or choose with --tenant-table"));
        }
        if (!clear) {
            throw ReinstateException.invalid(
                            "It is not clear what a tenant is",
                            possibilities.size() + " possibilities, none much likelier than the others",
                            "choose with --tenant-table TABLE, or with --tenant-schemas PATTERN where each tenant has a"
                                    + " schema")
                    .withDetails(lines());
        }
        Possibility first = possibilities.getFirst();
        terminal.note("Tenants are taken from " + first.text() + ": " + String.join("; ", first.reasons())
                + ". If that is wrong, name another with --tenant-table or --tenant-schemas.");
        return first.chosen();
    }

    private Chosen answer(String given) {
        for (int i = 0; i < possibilities.size(); i++) {
            Possibility possibility = possibilities.get(i);
            boolean named = possibility.text().equals(given)
                    || possibility
                            .chosen()
                            .table()
                            .filter(table -> table.name().equals(given))
                            .isPresent();
            if (given.equals(Integer.toString(i + 1)) || named || (given.isEmpty() && i == 0)) {
                return possibility.chosen();
            }
        }
        throw ReinstateException.invalid(
                "\"" + given + "\" is none of them",
                "there are 1 to " + possibilities.size(),
                "run it again, or name another table with --tenant-table");
    }

    private List<String> lines() {
        TextTable table =
                new TextTable().number("").text("tenants are").text("known by").text("because");
        for (int i = 0; i < possibilities.size(); i++) {
            Possibility possibility = possibilities.get(i);
            List<String> reasons = possibility.reasons();
            table.row(
                    Integer.toString(i + 1),
                    possibility.text(),
                    possibility.idColumn().isEmpty() ? "the schema's name" : possibility.idColumn(),
                    reasons.isEmpty() ? "" : reasons.getFirst());
            reasons.stream().skip(1).forEach(reason -> table.row("", "", "", reason));
        }
        return table.lines();
    }
}

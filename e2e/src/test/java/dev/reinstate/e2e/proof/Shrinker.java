package dev.reinstate.e2e.proof;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/**
 * Makes a failing history small by leaving things out for as long as it fails: tables, transactions, statements.
 * Delta debugging: large parts first, then smaller ones. It ends when nothing can be left out, or its budget is spent.
 */
final class Shrinker {
    private final BiPredicate<ProofSchema, List<Step>> fails;
    private final long end;
    private int tries;

    /** What it may cost: so many histories played, and so long. */
    record Budget(int tries, Duration time) {}

    /** A history, as small as it could be made. */
    record Small(ProofSchema schema, List<Step> steps) {}

    /** @param fails whether a history fails in the way that is looked for; it must not be asked of another way */
    Shrinker(BiPredicate<ProofSchema, List<Step>> fails, Budget budget) {
        this.tries = budget.tries();
        this.end = System.nanoTime() + budget.time().toNanos();
        this.fails = (schema, steps) -> hasBudget() && fails.test(schema, steps);
    }

    private boolean hasBudget() {
        return tries-- > 0 && System.nanoTime() - end < 0;
    }

    /** Empty when the history as it is does not fail. */
    Optional<Small> shrink(ProofSchema schema, List<Step> steps) {
        return fails.test(schema, steps) ? Optional.of(smaller(schema, steps)) : Optional.empty();
    }

    private Small smaller(ProofSchema schema, List<Step> steps) {
        Small small = withoutTables(new Small(schema, withoutSufferings(schema, steps)));
        ProofSchema rest = small.schema();
        List<List<Step>> transactions = minimal(
                transactions(small.steps()),
                parts -> fails.test(rest, parts.stream().flatMap(List::stream).toList()));
        List<List<Step>> single =
                transactions.stream().flatMap(List::stream).map(List::of).toList();
        List<List<Step>> least = minimal(
                single,
                parts -> fails.test(rest, parts.stream().flatMap(List::stream).toList()));
        return withoutColumns(withoutTables(
                new Small(rest, least.stream().flatMap(List::stream).toList())));
    }

    /** Captures that were stopped or killed, and looks in between, matter seldom. */
    private List<Step> withoutSufferings(ProofSchema schema, List<Step> steps) {
        List<Step> undisturbed = new ArrayList<>();
        for (Step step : steps) {
            boolean again = step.equals(Step.START) && undisturbed.contains(step);
            if (!again && !List.of(Step.STOP, Step.KILL, Step.KILL_AND_FORGET).contains(step)) {
                undisturbed.add(step);
            }
        }
        List<Step> unseen = undisturbed.stream()
                .filter(step -> !step.isLook() && !step.isRestore())
                .toList();
        return fails.test(schema, unseen) ? unseen : fails.test(schema, undisturbed) ? undisturbed : steps;
    }

    /** Columns that mean nothing, one after another, with what statements say of them. */
    private Small withoutColumns(Small given) {
        Small small = given;
        for (ProofTable table : given.schema().tables()) {
            for (ProofTable.Column column : table.removable()) {
                Optional<List<Step>> steps = ColumnRemoval.without(small.steps(), table, column.name());
                if (steps.isPresent()) {
                    table.leaveOut(column);
                    if (fails.test(small.schema(), steps.get())) {
                        small = new Small(small.schema(), steps.get());
                    } else {
                        table.putBack(column);
                    }
                }
            }
        }
        return small;
    }

    private Small withoutTables(Small given) {
        Small small = given;
        for (ProofTable table : given.schema().tables().reversed()) {
            ProofSchema less = small.schema().without(table);
            if (table != given.schema().tenant() && small.schema().tables().contains(table)) {
                List<Step> steps = small.steps().stream()
                        .filter(step -> less.knows(step.sql(), given.schema()))
                        .toList();
                if (fails.test(less, steps)) {
                    small = new Small(less, steps);
                }
            }
        }
        return small;
    }

    /** A session's steps from BEGIN to its end are one part, though other sessions' lie between; in order of their begin. */
    private static List<List<Step>> transactions(List<Step> steps) {
        List<List<Step>> parts = new ArrayList<>();
        TreeMap<Integer, List<Step>> open = new TreeMap<>();
        for (Step step : steps) {
            List<Step> transaction = open.get(step.actor());
            if (transaction != null) {
                transaction.add(step);
                if (step.sql().equals("COMMIT") || step.sql().equals("ROLLBACK")) {
                    open.remove(step.actor());
                }
                continue;
            }
            List<Step> part = new ArrayList<>(List.of(step));
            parts.add(part);
            if (step.sql().startsWith("BEGIN")) {
                open.put(step.actor(), part);
            }
        }
        return parts;
    }

    /** Parts of which none can be left out. */
    private static <T> List<T> minimal(List<T> given, Predicate<List<T>> fails) {
        List<T> parts = given;
        for (int size = Math.max(1, parts.size() / 2); ; size = Math.max(1, size / 2)) {
            int before = parts.size();
            for (int from = parts.size() - size; from > -size; from -= size) {
                Set<Integer> out = new HashSet<>();
                for (int i = Math.max(0, from); i < Math.min(parts.size(), from + size); i++) {
                    out.add(i);
                }
                List<T> rest = new ArrayList<>();
                for (int i = 0; i < parts.size(); i++) {
                    if (!out.contains(i)) {
                        rest.add(parts.get(i));
                    }
                }
                if (!out.isEmpty() && fails.test(rest)) {
                    parts = rest;
                }
            }
            if (size == 1 && parts.size() == before) {
                return parts;
            }
        }
    }
}

package dev.reinstate.bench.result;

import java.util.List;

/**
 * What one bench found.
 *
 * @param bench its name
 * @param setting what it ran on: sizes, rounds, mix
 * @param rows everything measured
 * @param gates everything judged
 */
public record Outcome(String bench, String setting, List<Row> rows, List<Gate> gates) {
    public Outcome {
        rows = List.copyOf(rows);
        gates = List.copyOf(gates);
    }
}

package dev.reinstate.bench.result;

import java.util.Arrays;
import java.util.List;

/**
 * One number measured in several runs.
 *
 * @param values in the order of the runs, at least one
 */
public record Series(List<Double> values) {
    public Series {
        values = List.copyOf(values);
        if (values.isEmpty()) {
            throw new IllegalArgumentException("a series without a value");
        }
    }

    public static Series of(double... values) {
        return new Series(Arrays.stream(values).boxed().toList());
    }

    public double median() {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    public double min() {
        return values.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    }

    public double max() {
        return values.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    }

    /** Run by run, so that what disturbed the machine in one run disturbs both sides of it. */
    public Series dividedBy(Series other) {
        if (values.size() != other.values.size()) {
            throw new IllegalArgumentException(values.size() + " runs against " + other.values.size());
        }
        double[] ratios = new double[values.size()];
        for (int run = 0; run < ratios.length; run++) {
            ratios[run] = values.get(run) / other.values.get(run);
        }
        return of(ratios);
    }
}

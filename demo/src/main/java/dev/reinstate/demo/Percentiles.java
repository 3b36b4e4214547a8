package dev.reinstate.demo;

import java.util.Collection;

/** Nearest-rank percentiles of some measurements; 0 when there are none. */
record Percentiles(double p50, double p99, double max) {
    static Percentiles of(Collection<Double> values) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return new Percentiles(at(sorted, 0.50), at(sorted, 0.99), at(sorted, 1.0));
    }

    private static double at(double[] sorted, double share) {
        return sorted.length == 0 ? 0 : sorted[(int) Math.max(0, Math.ceil(share * sorted.length) - 1)];
    }
}

/**
 * What a measurement says: {@link dev.reinstate.bench.result.Series} of runs, {@link dev.reinstate.bench.result.Gate}s
 * on ratios of them, and both printed and written down with the machine they were taken on.
 *
 * <p>A gate is a target to compare with: a missed one is reported and nothing fails. What was reached once is to be kept:
 * a bench whose ratios are clearly worse than those written down fails, and writes nothing.
 */
@NullMarked
package dev.reinstate.bench.result;

import org.jspecify.annotations.NullMarked;

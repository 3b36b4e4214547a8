/**
 * What a measurement says: {@link dev.reinstate.bench.result.Series} of runs, {@link dev.reinstate.bench.result.Gate}s
 * on ratios of them, and both printed and written down with the machine they were taken on.
 *
 * <p>A gate is a target to compare with, not an assertion: a missed one is reported and nothing fails.
 */
@NullMarked
package dev.reinstate.bench.result;

import org.jspecify.annotations.NullMarked;

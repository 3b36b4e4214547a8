/**
 * How much of a database comes back with its tenants, for people: what {@code init} says and what {@code init --check}
 * finds.
 *
 * <ol>
 *   <li>{@link dev.reinstate.cli.coverage.Coverage} is one look at a database under the rules of a configuration.
 *   <li>{@link dev.reinstate.cli.coverage.CoverageScreen} says it on a terminal.
 *   <li>{@link dev.reinstate.cli.coverage.CoveragePage} draws it as one self-contained HTML page: no network, no rows, no
 *       credentials.
 *   <li>{@link dev.reinstate.cli.coverage.RulesCheck} holds a configuration against the tables there are now.
 * </ol>
 *
 * <p>Pages are written through a temporary file; an interruption leaves the old page or the new one.
 */
@NullMarked
package dev.reinstate.cli.coverage;

import org.jspecify.annotations.NullMarked;

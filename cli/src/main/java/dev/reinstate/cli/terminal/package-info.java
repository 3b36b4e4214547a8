/**
 * Speaking with people and scripts: results on standard output, everything else (progress, notes, errors) on standard
 * error, colours and moving bars only where somebody watches. Knows nothing of tenants.
 */
@NullMarked
package dev.reinstate.cli.terminal;

import org.jspecify.annotations.NullMarked;

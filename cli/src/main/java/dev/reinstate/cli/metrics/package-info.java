/**
 * Figures for an alarm to look at, as a file in Prometheus' text format: for the textfile collector of the node exporter.
 * A figure that is not renewed tells as much as one that is bad, so each file says when it was written.
 */
@NullMarked
package dev.reinstate.cli.metrics;

import org.jspecify.annotations.NullMarked;

/**
 * What is true, by plain SQL: the rows of a site at an instant, kept in files, and whether they are there again.
 *
 * <p>Nothing here knows of Reinstate, and nothing Reinstate says is believed. The oracle's files are digests of rows,
 * one file a site and table; an interruption leaves files that nobody reads again.
 */
@NullMarked
package dev.reinstate.demo.oracle;

import org.jspecify.annotations.NullMarked;

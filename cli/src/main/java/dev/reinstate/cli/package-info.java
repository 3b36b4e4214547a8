/**
 * The command line: one file a verb, straight from the archive, without a server.
 *
 * <ol>
 *   <li>{@link dev.reinstate.cli.Main} wires everything by hand and maps what happens to an exit code.
 *   <li>{@code verb} holds the verbs, {@code config} what they are told, {@code terminal} how they speak, {@code
 *       coverage} what is reported of a database's tables, {@code wiring} how a configuration becomes the objects that
 *       work.
 * </ol>
 */
@NullMarked
package dev.reinstate.cli;

import org.jspecify.annotations.NullMarked;

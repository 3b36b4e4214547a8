/**
 * What the command line is told: {@code reinstate.yaml}, the environment, password files.
 *
 * <ol>
 *   <li>{@link dev.reinstate.cli.config.YamlReader} reads the file with the line of every key.
 *   <li>{@link dev.reinstate.cli.config.ConfigurationReader} turns it into one immutable {@link
 *       dev.reinstate.cli.config.Configuration} and reports all problems together.
 *   <li>{@link dev.reinstate.cli.config.RuleCompression} says a whole tenancy map in few rules, never another one.
 *   <li>{@link dev.reinstate.cli.config.ConfigurationWriter} writes the file {@code init} proposes, through a temporary
 *       file: an interruption leaves the old file or the new one.
 *   <li>{@link dev.reinstate.cli.config.Passwords} finds passwords where no process list or log shows them.
 * </ol>
 */
@NullMarked
package dev.reinstate.cli.config;

import org.jspecify.annotations.NullMarked;

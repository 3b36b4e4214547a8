/**
 * The verbs, one file each: options in, one call into the module that does the work, words or JSON out. A verb decides
 * nothing that a script could not decide through its options.
 *
 * <p>What an interruption leaves behind is told by the packages that do the work; a verb itself writes nothing but {@code
 * init}'s configuration, through a temporary file.
 */
@NullMarked
package dev.reinstate.cli.verb;

import org.jspecify.annotations.NullMarked;

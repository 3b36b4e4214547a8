/**
 * From then to now: what became of the tables, columns and types that rows of then are of.
 *
 * <ol>
 *   <li>{@link dev.reinstate.restore.schema.SchemaOptions} is what a person has decided, as it was typed.
 *   <li>{@link dev.reinstate.restore.schema.SchemaChoices} is the same, found in the database: what cannot be found
 *       there is refused before anything else happens.
 *   <li>{@link dev.reinstate.restore.schema.TextInput} asks the server what its types make of texts.
 * </ol>
 *
 * <p>Reads only; nothing is left behind by an interruption.
 */
@NullMarked
package dev.reinstate.restore.schema;

import org.jspecify.annotations.NullMarked;

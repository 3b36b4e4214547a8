/**
 * PostgreSQL as a language: how to reach a server, quote a name, read a catalogue, follow the change stream, stream
 * rows out and in. Knows nothing of archives or tenants' recoveries.
 *
 * <ol>
 *   <li>{@link dev.reinstate.postgres.Database} opens sessions whose settings are pinned, so that a value has one text.
 *   <li>{@code catalogue} reads what tables there are, {@code discovery} proposes which tenant their rows belong to.
 *   <li>{@code replication} makes slot and publications and reads the stream, {@code pgoutput} decodes it.
 *   <li>{@code copy} streams rows out of and into tables in bounded memory.
 * </ol>
 *
 * <p>What an interruption leaves behind: sessions end with their connection and leave nothing. A slot and publications
 * stay on the server until dropped; both can be created again and dropped again without harm.
 */
@NullMarked
package dev.reinstate.postgres;

import org.jspecify.annotations.NullMarked;

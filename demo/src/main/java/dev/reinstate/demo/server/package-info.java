/**
 * The demo's own PostgreSQL, and the record of the processes a demo has running, so that a later one can end what a
 * killed one left behind.
 */
@NullMarked
package dev.reinstate.demo.server;

import org.jspecify.annotations.NullMarked;

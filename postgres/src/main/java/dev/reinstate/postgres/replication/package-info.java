@NullMarked
package dev.reinstate.postgres.replication;

import org.jspecify.annotations.NullMarked;

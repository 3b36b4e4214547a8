package dev.reinstate.restore.plan;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.TableName;

/**
 * Something in the way of a restore.
 *
 * @param kind {@code REFUSED} when the policy says no, {@code CONFLICT} when the database does
 * @param rows how many rows it is about
 * @param message for a person, with counts and no values
 * @param next how to get past it
 */
public record Problem(FailureKind kind, TableName table, long rows, String message, String next) {}

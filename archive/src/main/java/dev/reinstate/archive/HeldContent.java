package dev.reinstate.archive;

import dev.reinstate.archive.format.ObjectTail;
import dev.reinstate.archive.format.Token;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Looks into the indexes of objects for tenants that are held, for shared rows, which a restore of one may bring back,
 * and for what happened to whole tables. What cannot be read is needed. Remembers what it found. Not thread-safe.
 */
final class HeldContent implements RetentionPlan.Content {
    private final ObjectReader reader;
    private final Set<Token> always;
    private final Map<Question, Boolean> answers = new HashMap<>();

    private record Question(String key, Set<Token> tenants) {}

    HeldContent(ObjectReader reader, ArchiveKeys keys) {
        this.reader = reader;
        this.always = Set.of(
                keys.tokenKey().tokenOf(Partition.SHARED), keys.tokenKey().tokenOf(Partition.STORE_EVENTS));
    }

    @Override
    public boolean isNeeded(RetentionPlan.Old object, Set<Token> tenants) {
        return answers.computeIfAbsent(
                new Question(object.object().key(), Set.copyOf(tenants)), question -> look(object, tenants));
    }

    private boolean look(RetentionPlan.Old object, Set<Token> tenants) {
        try {
            ObjectTail tail = reader.tail(object.object(), object.kind());
            return has(tail, tenants) || has(tail, always);
        } catch (ReinstateException e) {
            if (e.kind() != FailureKind.DAMAGED) {
                throw e;
            }
            return true;
        }
    }

    private static boolean has(ObjectTail tail, Set<Token> tokens) {
        return tokens.stream().anyMatch(token -> tail.index().find(token).blockCount() > 0);
    }
}

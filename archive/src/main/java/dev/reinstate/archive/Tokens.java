package dev.reinstate.archive;

import dev.reinstate.archive.format.Token;
import dev.reinstate.model.Partition;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tokens of the partitions met lately, since making one costs a microsecond; begins to look for their keys, too. Not
 * thread-safe.
 */
final class Tokens {
    private static final int MAX_KNOWN = 100_000;

    private final ArchiveKeys keys;
    private final Map<Partition, Token> known = new HashMap<>();
    private @Nullable Partition last;
    private Token lastToken = new Token(0, 0);

    Tokens(ArchiveKeys keys) {
        this.keys = keys;
    }

    @SuppressWarnings("ReferenceEquality") // only a short cut
    Token of(Partition partition) {
        if (partition == last) {
            return lastToken;
        }
        if (known.size() > MAX_KNOWN) {
            known.clear();
        }
        last = partition;
        lastToken = known.computeIfAbsent(partition, this::firstMet);
        return lastToken;
    }

    private Token firstMet(Partition partition) {
        Token token = keys.tokenKey().tokenOf(partition);
        keys.partitions().ifPresent(partitions -> partitions.prepare(token));
        return token;
    }
}

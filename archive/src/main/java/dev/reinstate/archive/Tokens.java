package dev.reinstate.archive;

import dev.reinstate.archive.format.Token;
import dev.reinstate.archive.format.TokenKey;
import dev.reinstate.model.Partition;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tokens of the partitions met lately, since making one costs a microsecond. Not thread-safe. */
final class Tokens {
    private static final int MAX_KNOWN = 100_000;

    private final TokenKey key;
    private final Map<Partition, Token> known = new HashMap<>();
    private @Nullable Partition last;
    private Token lastToken = new Token(0, 0);

    Tokens(TokenKey key) {
        this.key = key;
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
        lastToken = known.computeIfAbsent(partition, key::tokenOf);
        return lastToken;
    }
}

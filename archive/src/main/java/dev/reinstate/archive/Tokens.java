package dev.reinstate.archive;

import dev.reinstate.archive.format.Token;
import dev.reinstate.archive.format.TokenKey;
import dev.reinstate.model.Partition;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Tokens of the partitions met lately, since making one costs a microsecond. Not thread-safe. */
final class Tokens {
    private static final int MAX_KNOWN = 100_000;

    private final TokenKey tokenKey;
    private final Consumer<Token> firstMet;
    private final Map<Partition, Token> known = new HashMap<>();
    private @Nullable Partition last;
    private Token lastToken = new Token(0, 0);

    private Tokens(TokenKey tokenKey, Consumer<Token> firstMet) {
        this.tokenKey = tokenKey;
        this.firstMet = firstMet;
    }

    /** Begins to look for the keys of the partitions met, and to make those that are missing. */
    static Tokens forWriting(ArchiveKeys keys) {
        return new Tokens(
                keys.tokenKey(), token -> keys.partitions().ifPresent(partitions -> partitions.prepare(token)));
    }

    static Tokens forReading(ArchiveKeys keys) {
        return new Tokens(keys.tokenKey(), token -> {});
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
        lastToken = known.computeIfAbsent(partition, this::newlyMet);
        return lastToken;
    }

    private Token newlyMet(Partition partition) {
        Token token = tokenKey.tokenOf(partition);
        firstMet.accept(token);
        return token;
    }
}

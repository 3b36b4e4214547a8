package dev.reinstate.archive;

import dev.reinstate.archive.format.Token;
import dev.reinstate.model.Lsn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What cannot be read: objects as a whole, or single partitions' blocks in them; and positions lost for other reasons. */
final class LostPieces {
    private final Set<String> whole = new HashSet<>();
    private final Map<String, Set<Token>> partly = new HashMap<>();
    private final List<Positions> positions = new ArrayList<>();

    /**
     * Positions from {@code from} to before {@code to} that do not fold, though their bytes are right.
     *
     * @param token whose; empty: everyone's
     * @param object what is damaged
     */
    record Positions(Optional<Token> token, Lsn from, Lsn to, String object) {
        boolean concerns(Token other) {
            return token.isEmpty() || token.get().equals(other);
        }
    }

    /** No reader finds anything in the object. */
    void lose(String object) {
        whole.add(object);
    }

    /** A partition's blocks in the object. */
    void lose(String object, Token token) {
        partly.computeIfAbsent(object, key -> new HashSet<>()).add(token);
    }

    void lose(Positions lost) {
        positions.add(lost);
    }

    boolean isEmpty() {
        return whole.isEmpty() && partly.isEmpty() && positions.isEmpty();
    }

    boolean isLost(String object) {
        return whole.contains(object);
    }

    /** Whether anybody loses something of it. */
    boolean isTouched(String object) {
        return isLost(object) || partly.containsKey(object);
    }

    boolean isLost(String object, Token token) {
        return isLost(object) || partly.getOrDefault(object, Set.of()).contains(token);
    }

    List<Positions> positions() {
        return positions;
    }

    /** Everyone of whom something is lost that others keep. */
    Set<Token> tokens() {
        Set<Token> tokens = new HashSet<>();
        partly.values().forEach(tokens::addAll);
        positions.forEach(lost -> lost.token().ifPresent(tokens::add));
        return tokens;
    }
}

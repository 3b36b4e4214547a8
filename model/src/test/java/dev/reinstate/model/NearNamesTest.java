package dev.reinstate.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NearNamesTest {
    private static final List<String> SITES = List.of("site-1041", "site-1042", "site-2042", "acme", "Acme Europe");

    @Test
    void theNearestComeFirst() {
        assertThat(NearNames.of("site-142", SITES)).startsWith("site-1042");
        assertThat(NearNames.of("stie-1042", SITES)).startsWith("site-1042");
        assertThat(NearNames.of("ACME", SITES)).containsExactly("acme");
    }

    @Test
    void whatIsFarIsNotSuggested() {
        assertThat(NearNames.of("zebra-stripes", SITES)).isEmpty();
    }

    /** Against all distances computed in full. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void theNearestOfManyAreTheNearestOfAll(long seed) {
        Random random = new Random(seed);
        for (int turn = 0; turn < 300; turn++) {
            int letters = 2 + random.nextInt(4);
            Set<String> names = new LinkedHashSet<>();
            for (int i = random.nextInt(60); i >= 0; i--) {
                names.add(name(random, letters));
            }
            String wanted = name(random, letters);
            int farthest = Math.max(2, wanted.length() / 3);
            List<String> nearest = names.stream()
                    .filter(name -> distance(wanted, name) <= farthest)
                    .sorted(Comparator.comparingInt((String name) -> distance(wanted, name))
                            .thenComparing(Comparator.naturalOrder()))
                    .limit(5)
                    .toList();
            assertThat(NearNames.of(wanted, names))
                    .as("near %s of %s", wanted, names)
                    .isEqualTo(nearest);
        }
    }

    private static String name(Random random, int letters) {
        return random.ints(1 + random.nextInt(14), 'a', 'a' + letters)
                .mapToObj(letter -> String.valueOf((char) letter))
                .collect(Collectors.joining());
    }

    private static int distance(String a, String b) {
        int[][] edits = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    edits[i][j] = i + j;
                    continue;
                }
                int replaced = edits[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                edits[i][j] = Math.min(replaced, Math.min(edits[i - 1][j], edits[i][j - 1]) + 1);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    edits[i][j] = Math.min(edits[i][j], edits[i - 2][j - 2] + 1);
                }
            }
        }
        return edits[a.length()][b.length()];
    }
}

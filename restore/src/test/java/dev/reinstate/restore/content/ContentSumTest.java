package dev.reinstate.restore.content;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.Tuple;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ContentSumTest {
    @Test
    void isTheSumOfTheHashesModuloTwoToThe256() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<byte[]> hashes = new ArrayList<>();
        BigInteger expected = BigInteger.ZERO;
        for (int i = 0; i < 1000; i++) {
            byte[] hash = new byte[32];
            random.nextBytes(hash);
            if (i % 3 == 0) {
                Arrays.fill(hash, 0, 24, (byte) 0xFF); // long carries
            }
            hashes.add(hash);
            expected = expected.add(new BigInteger(1, hash));
        }
        expected = expected.mod(BigInteger.ONE.shiftLeft(256));

        ContentSum sum = new ContentSum();
        hashes.forEach(sum::add);
        Collections.shuffle(hashes, random);
        ContentSum first = new ContentSum();
        ContentSum second = new ContentSum();
        hashes.subList(0, 300).forEach(first::add);
        hashes.subList(300, 1000).forEach(second::add);
        first.add(second);

        assertThat(new BigInteger(sum.toHash().sum(), 16)).as("seed %d", seed).isEqualTo(expected);
        assertThat(first.toHash()).as("seed %d", seed).isEqualTo(sum.toHash());
    }

    @Test
    void nullAndEmptyTextAreDifferentRows() {
        RowHasher hasher = new RowHasher();
        assertThat(hasher.hash(Tuple.ofTexts(List.of(Optional.empty()))))
                .isNotEqualTo(hasher.hash(Tuple.ofTexts(List.of(Optional.of("")))));
    }

    @Test
    void onlyTheColumnsThatCountAreHashed() {
        RowHasher hasher = new RowHasher();
        Tuple wide = Tuple.ofTexts(List.of(Optional.of("a"), Optional.of("b"), Optional.of("c")));
        Tuple narrow = Tuple.ofTexts(List.of(Optional.of("c"), Optional.of("a")));
        assertThat(hasher.hash(wide, new int[] {2, 0})).isEqualTo(hasher.hash(narrow));
    }
}

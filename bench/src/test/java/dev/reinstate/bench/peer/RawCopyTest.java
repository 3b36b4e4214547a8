package dev.reinstate.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class RawCopyTest {
    @Test
    void aTableGoesToTheConnectionThatHasLeastToDo() {
        Map<String, Long> sizes = Map.of("large", 10L, "middle", 7L, "small", 4L);
        assertThat(RawCopy.shares(sizes, 2).get(0)).containsExactly("large");
        assertThat(RawCopy.shares(sizes, 2).get(1)).containsExactly("middle", "small");
        assertThat(RawCopy.shares(sizes, 1).getFirst()).containsExactly("large", "middle", "small");
    }
}

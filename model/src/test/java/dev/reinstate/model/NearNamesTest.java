package dev.reinstate.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

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
}

package dev.reinstate.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.model.ReinstateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PasswordsTest {
    @TempDir
    private Path folder;

    @Test
    void theNearestPlaceWins() throws IOException {
        Path named = Files.writeString(folder.resolve("named"), "from-named\n");
        Path configured = Files.writeString(folder.resolve("configured"), "from-configured");
        Passwords with = new Passwords(Map.of(Passwords.SOURCE_VARIABLE, "from-environment"));
        Passwords without = new Passwords(Map.of());
        assertThat(with.ofSource(Optional.of(named), Optional.of(configured))).contains(new Secret("from-named"));
        assertThat(with.ofSource(Optional.empty(), Optional.of(configured))).contains(new Secret("from-environment"));
        assertThat(without.ofSource(Optional.empty(), Optional.of(configured))).contains(new Secret("from-configured"));
        assertThat(without.ofSource(Optional.empty(), Optional.empty())).isEmpty();
    }

    @Test
    void theTargetsPasswordIsItsOwn() {
        Passwords passwords = new Passwords(Map.of(Passwords.SOURCE_VARIABLE, "source"));
        assertThat(passwords.ofTarget(Optional.empty())).isEmpty();
    }

    @Test
    void aPasswordNeverPrintsItself() {
        assertThat(new Secret("hunter2").toString()).doesNotContain("hunter2");
        assertThat(Optional.of(new Secret("hunter2")).toString()).doesNotContain("hunter2");
    }

    @Test
    void aFileThatHoldsMoreIsRefusedWithoutQuotingIt() throws IOException {
        Path file = Files.writeString(folder.resolve("p"), "hunter2\nhunter3\n");
        assertThatThrownBy(() -> new Passwords(Map.of()).ofSource(Optional.of(file), Optional.empty()))
                .isInstanceOf(ReinstateException.class)
                .hasMessageContaining("has 2 lines")
                .hasMessageNotContaining("hunter");
    }
}

package dev.reinstate.cli.verb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TenantId;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TenantListTest {
    @TempDir
    private Path folder;

    @Test
    void namedAndListedOnesEachOnce() throws IOException {
        Path file = Files.writeString(folder.resolve("sites"), "# lost on Tuesday\nsite-2\n\n  site-3 # big\nsite-1\n");
        assertThat(TenantList.read(List.of("site-1", "site-1"), Optional.of(file), InputStream.nullInputStream()))
                .containsExactly(new TenantId("site-1"), new TenantId("site-2"), new TenantId("site-3"));
    }

    @Test
    void aDashIsStandardInput() {
        InputStream input = new ByteArrayInputStream("site-9\n".getBytes(StandardCharsets.UTF_8));
        assertThat(TenantList.read(List.of(), Optional.of(Path.of("-")), input))
                .containsExactly(new TenantId("site-9"));
    }

    @Test
    void noneAtAllIsInvalid() {
        assertThatThrownBy(() -> TenantList.read(List.of(), Optional.empty(), InputStream.nullInputStream()))
                .isInstanceOf(ReinstateException.class)
                .hasMessageContaining("No tenant is named");
    }

    @Test
    void allWrongIdsAreToldTogether() {
        ReinstateException failure = catchThrowableOfType(
                ReinstateException.class,
                () -> TenantList.read(List.of("", "a\tb", "fine"), Optional.empty(), InputStream.nullInputStream()));
        assertThat(failure.details()).hasSize(2);
    }
}

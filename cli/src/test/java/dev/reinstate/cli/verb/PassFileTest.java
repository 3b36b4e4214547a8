package dev.reinstate.cli.verb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.archive.CheckPass;
import dev.reinstate.model.ReinstateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PassFileTest {
    private static final String ARCHIVE = "a".repeat(64);

    @TempDir
    Path directory;

    @Test
    void aPassGoesOnWhereItWasUntilItEnds() {
        Path path = directory.resolve("state").resolve("check-pass");
        PassFile file = new PassFile(path);
        assertThat(file.read(ARCHIVE)).isEmpty();
        for (CheckPass pass :
                new CheckPass[] {new CheckPass(7, 0), new CheckPass(-7, -1), new CheckPass(0, 1L << 62)}) {
            file.write(ARCHIVE, Optional.of(pass));
            assertThat(new PassFile(path).read(ARCHIVE)).contains(pass);
        }
        assertThat(file.read("b".repeat(64))).isEmpty();
        file.write(ARCHIVE, Optional.empty());
        assertThat(path).doesNotExist();
        assertThat(file.read(ARCHIVE)).isEmpty();
    }

    @Test
    void whatIsNotUnderstoodBeginsANewPass() throws IOException {
        Path path = directory.resolve("pass");
        for (String text :
                new String[] {"", "nonsense", ARCHIVE + " 99999999999999999999 0000000000000000\n", ARCHIVE}) {
            Files.writeString(path, text);
            assertThat(new PassFile(path).read(ARCHIVE)).as(text).isEmpty();
        }
    }

    @Test
    void aPlaceThatCannotBeWrittenIsSaid() throws IOException {
        Path inTheWay = Files.writeString(directory.resolve("file"), "");
        PassFile file = new PassFile(inTheWay.resolve("pass"));
        assertThatThrownBy(() -> file.write(ARCHIVE, Optional.of(CheckPass.begin(1))))
                .isInstanceOf(ReinstateException.class)
                .hasMessageContaining("pass");
    }
}

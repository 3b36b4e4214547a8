package dev.reinstate.demo.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A demo finds what an earlier one left, ends it, and never touches what is not a demo's. */
class DemoDirectoryTest {
    @TempDir
    private Path parent;

    @Test
    void anAbsentOrEmptyDirectoryIsFree() throws IOException {
        assertThat(DemoDirectory.state(parent.resolve("absent"))).isEqualTo(DemoDirectory.State.FREE);
        assertThat(DemoDirectory.state(parent)).isEqualTo(DemoDirectory.State.FREE);
    }

    @Test
    void filesOfSomebodyElseAreNotTouched() throws IOException {
        Path file = Files.writeString(parent.resolve("thesis.txt"), "ten years of work");

        assertThat(DemoDirectory.state(parent)).isEqualTo(DemoDirectory.State.FOREIGN);
        assertThat(DemoDirectory.clear(parent)).isZero();
        assertThat(file).exists();
    }

    @Test
    void aRunningDemoIsSeen() throws IOException {
        DemoDirectory directory = DemoDirectory.take(parent.resolve("demo"));

        assertThat(DemoDirectory.state(directory.path())).isEqualTo(DemoDirectory.State.RUNNING);
        directory.remove();
        assertThat(directory.path()).doesNotExist();
    }

    @Test
    void whatAKilledDemoLeftIsEndedAndRemoved() throws Exception {
        Process orphan = new ProcessBuilder("sleep", "600").start();
        Path path = leave(false, RecordedProcess.of(orphan.toHandle()));

        assertThat(DemoDirectory.state(path)).isEqualTo(DemoDirectory.State.LEFT);
        assertThat(DemoDirectory.clear(path)).isEqualTo(1);
        assertThat(orphan.isAlive()).isFalse();
        assertThat(path).doesNotExist();
    }

    @Test
    void whatWasKeptIsNotTakenForAnOrphan() throws Exception {
        Process kept = new ProcessBuilder("sleep", "600").start();
        Path path = leave(true, RecordedProcess.of(kept.toHandle()));

        assertThat(DemoDirectory.state(path)).isEqualTo(DemoDirectory.State.KEPT);
        kept.destroyForcibly().waitFor();
        assertThat(DemoDirectory.state(path)).isEqualTo(DemoDirectory.State.LEFT);
    }

    @Test
    void aPidThatIsSomebodyElsesByNowIsLeftAlone() throws Exception {
        Process stranger = new ProcessBuilder("sleep", "600").start();
        try {
            long started = RecordedProcess.of(stranger.toHandle()).startedMillis();
            new RecordedProcess(stranger.pid(), started - 1000).end("KILL", Duration.ofSeconds(1));
            assertThat(stranger.isAlive()).isTrue();
        } finally {
            stranger.destroyForcibly();
        }
    }

    @Test
    void aProcessThatDoesNotListenIsKilled() throws Exception {
        Process deaf = new ProcessBuilder("sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done").start();
        assertThat(deaf.inputReader().readLine()).isEqualTo("ready");

        RecordedProcess.of(deaf.toHandle()).end("TERM", Duration.ofMillis(200));

        assertThat(deaf.isAlive()).isFalse();
    }

    /** A server of a demo that was killed: it still runs, and its record is there. */
    @Test
    void anOrphanedServerIsShutDown() throws IOException {
        DemoDirectory killed = DemoDirectory.take(parent.resolve("demo"));
        EmbeddedServer server = EmbeddedServer.start(killed.resolve("postgresql"));
        killed.recordServer(server.postmaster());
        pretendItsDemoIsDead(killed.path());

        assertThat(DemoDirectory.state(killed.path())).isEqualTo(DemoDirectory.State.LEFT);
        assertThat(DemoDirectory.clear(killed.path())).isEqualTo(1);
        assertThat(server.postmaster().alive()).isEmpty();
        assertThat(killed.path()).doesNotExist();
    }

    private Path leave(boolean kept, RecordedProcess process) throws IOException {
        DemoDirectory directory = DemoDirectory.take(parent.resolve("demo"));
        directory.recordCommand(process);
        if (kept) {
            directory.keep();
        }
        pretendItsDemoIsDead(directory.path());
        return directory.path();
    }

    private static void pretendItsDemoIsDead(Path path) throws IOException {
        RecordedProcess self = RecordedProcess.of(ProcessHandle.current());
        Path record = path.resolve("demo.json");
        String text = Files.readString(record)
                .replace(Long.toString(self.startedMillis()), Long.toString(self.startedMillis() - 1));
        Files.writeString(record, text);
    }
}

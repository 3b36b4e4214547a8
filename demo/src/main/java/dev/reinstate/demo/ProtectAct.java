package dev.reinstate.demo;

import dev.reinstate.demo.terminal.ProgressBar;
import dev.reinstate.demo.terminal.Terminal;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** {@code init}, {@code protect}, and waiting until the first image is in the archive and capture keeps up. */
final class ProtectAct {
    private static final Duration PATIENCE = Duration.ofMinutes(15);
    private static final double KEEPS_UP_SECONDS = 15;
    private static final long POLL_MILLIS = 100;
    private static final int LOOKS = 10;

    private final Stage stage;

    ProtectAct(Stage stage) {
        this.stage = stage;
    }

    /**
     * How well it is protected.
     *
     * @param lagSeconds behind the source
     */
    record Protection(long imageRows, long archiveBytes, long lagBytes, double lagSeconds, String durableTime) {
        static Protection of(JsonNode status) {
            JsonNode images = status.path("images");
            return new Protection(
                    images.isEmpty()
                            ? 0
                            : images.path(images.size() - 1).path("rows").asLong(0),
                    status.path("archiveBytes").asLong(0),
                    status.path("source").path("lagBytes").asLong(Long.MAX_VALUE),
                    status.path("source").path("lagSeconds").asDouble(Double.MAX_VALUE),
                    status.path("durableTime").asString(""));
        }

        boolean keepsUp() {
            return imageRows > 0 && lagSeconds < KEEPS_UP_SECONDS;
        }
    }

    Protection run() throws IOException, SQLException, InterruptedException {
        tellMap(stage.verbs().init());
        Instant begin = stage.clock().instant();
        ReinstateCommand.Running protect = stage.verbs().protect();
        Protection protection = awaitProtected(protect, begin.plus(PATIENCE));
        stage.terminal()
                .say("%s rows are in the first image; the archive has %s; capture is %.1f s behind. (%s)"
                        .formatted(
                                Terminal.count(protection.imageRows()),
                                Terminal.bytes(protection.archiveBytes()),
                                protection.lagSeconds(),
                                Terminal.duration(
                                        Duration.between(begin, stage.clock().instant()))));
        return protection;
    }

    Protection now() throws IOException, InterruptedException {
        return Protection.of(stage.verbs().status());
    }

    private void tellMap(JsonNode init) {
        Map<String, Integer> rules = new TreeMap<>();
        init.path("tables").forEach(table -> {
            String rule = table.path("rule").asString("?").replaceFirst("[ (].*", "");
            rules.merge(rule, 1, Integer::sum);
        });
        stage.terminal().say("`reinstate init` found by itself whose rows are whose: " + rules);
    }

    private Protection awaitProtected(ReinstateCommand.Running protect, Instant deadline)
            throws IOException, SQLException, InterruptedException {
        long rows = 0;
        ImageProgress image = new ImageProgress(stage.saas().database());
        try (ProgressBar bar =
                stage.terminal().progress("first image", "rows", stage.saas().rows())) {
            while (stage.clock().instant().isBefore(deadline)) {
                if (!protect.process().isAlive()) {
                    throw stage.verbs().ended();
                }
                Protection protection = now();
                if (protection.keepsUp()) {
                    return protection;
                }
                rows = Math.max(rows, protection.imageRows());
                for (int i = 0; i < LOOKS; i++) {
                    bar.update(image.rows());
                    Thread.sleep(POLL_MILLIS);
                }
            }
        }
        throw new DemoException(
                "Capture did not catch up within " + Terminal.duration(PATIENCE),
                rows > 0 ? "the first image is there, but changes come faster" : "the first image is not complete",
                "see " + stage.verbs().protectLog(),
                null);
    }
}

package dev.reinstate.demo;

import dev.reinstate.demo.terminal.ProgressBar;
import dev.reinstate.demo.terminal.Terminal;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;

/** {@code reinstate history} is asked again and again until it shows every site the script deleted. */
final class SeeAct {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final long POLL_MILLIS = 250;
    private static final int SHOWN = 5;

    private final Stage stage;
    private final Map<String, Double> secondsToDetect = new TreeMap<>();
    private final List<String> failures = new ArrayList<>();

    SeeAct(Stage stage) {
        this.stage = stage;
    }

    /** Somebody who looks at the history all the time; when each site was first seen gone. */
    static final class Watch implements AutoCloseable {
        private final Map<String, Instant> seen = new ConcurrentHashMap<>();
        private final Map<String, JsonNode> evidence = new ConcurrentHashMap<>();
        private final Stage stage;
        private final Thread thread;
        private volatile boolean closed;
        private volatile String problem = "";

        private Watch(Stage stage) {
            this.stage = stage;
            this.thread = Thread.ofPlatform().name("watch").daemon().start(this::look);
        }

        private void look() {
            while (!closed) {
                try {
                    Thread.sleep(POLL_MILLIS);
                    ReinstateCommand.Completed answer = stage.verbs().goneIfKnown();
                    if (answer.exitCode() == 0) {
                        Instant now = stage.clock().instant();
                        Verbs.parse(answer.output()).path("gone").forEach(gone -> note(gone, now));
                        problem = "";
                    } else {
                        problem = String.valueOf(Verbs.failed("history", answer).getMessage());
                    }
                } catch (IOException | RuntimeException e) {
                    problem = String.valueOf(e.getMessage());
                } catch (InterruptedException e) {
                    return;
                }
            }
        }

        private void note(JsonNode gone, Instant now) {
            String site = gone.path("tenant").asString("");
            seen.putIfAbsent(site, now);
            evidence.put(site, gone);
        }

        @Override
        public void close() {
            closed = true;
            thread.interrupt();
        }
    }

    Watch watch() {
        return new Watch(stage);
    }

    /** Seconds from the commit that ended each site to its showing in the history. */
    Map<String, Double> secondsToDetect() {
        return secondsToDetect;
    }

    List<String> failures() {
        return failures;
    }

    void run(Watch watch, Map<String, Victim> victims) throws InterruptedException {
        Instant deadline = stage.clock().instant().plus(PATIENCE);
        try (ProgressBar bar = stage.terminal().progress("seen in the history", "sites", victims.size())) {
            while (!watch.seen.keySet().containsAll(victims.keySet())) {
                if (stage.clock().instant().isAfter(deadline)) {
                    throw neverShown(watch, victims);
                }
                bar.update(watch.seen.size());
                Thread.sleep(50);
            }
        }
        victims.forEach((site, victim) -> secondsToDetect.put(site, seconds(victim, watch)));
        Percentiles seconds = Percentiles.of(secondsToDetect.values());
        stage.terminal()
                .say(String.format(
                        Locale.ROOT,
                        "All %d show, %.1f s (median) and at most %.1f s after they were gone:",
                        victims.size(),
                        seconds.p50(),
                        seconds.max()));
        tell(watch, victims);
        check(watch, victims);
    }

    private static double seconds(Victim victim, Watch watch) {
        Instant seen = watch.seen.getOrDefault(victim.site(), Instant.MAX);
        return Math.max(0, Duration.between(victim.gone(), seen).toMillis() / 1000.0);
    }

    private void tell(Watch watch, Map<String, Victim> victims) {
        victims.keySet().stream()
                .limit(SHOWN)
                .forEach(site -> stage.terminal().detail(line(site, evidence(watch, site))));
        if (victims.size() > SHOWN) {
            stage.terminal()
                    .detail("… and %d more: %s"
                            .formatted(victims.size() - SHOWN, stage.verbs().typed("history")));
        }
    }

    private static String line(String site, JsonNode gone) {
        List<String> transactions = new ArrayList<>();
        gone.path("burst")
                .forEach(piece -> transactions.add(piece.path("xid").asString("?") + " at "
                        + piece.path("position").asString("?")));
        return "%s  gone %s  %s rows  transaction %s"
                .formatted(
                        site,
                        gone.path("end").asString("?"),
                        Terminal.count(gone.path("deletedRows").asLong(0)),
                        String.join(", ", transactions));
    }

    private static JsonNode evidence(Watch watch, String site) {
        JsonNode gone = watch.evidence.get(site);
        return gone == null ? Verbs.parse("{}") : gone;
    }

    /** The history must name the script's own transactions, and no site that is there. */
    private void check(Watch watch, Map<String, Victim> victims) {
        for (Victim victim : victims.values()) {
            List<Long> named = new ArrayList<>();
            evidence(watch, victim.site())
                    .path("burst")
                    .forEach(piece -> named.add(piece.path("xid").asLong(0)));
            List<Long> expected = victim.transactions();
            if (!named.equals(expected)) {
                failures.add("%s: history names transactions %s, the script ran %s"
                        .formatted(victim.site(), named, expected));
            }
        }
        Set<String> others = new HashSet<>(watch.seen.keySet());
        others.removeAll(victims.keySet());
        others.forEach(site -> failures.add(site + ": history calls it gone, and it is there"));
        if (failures.isEmpty()) {
            stage.terminal().good("the history names exactly the script's own transactions, and no other site");
        } else {
            failures.forEach(stage.terminal()::bad);
        }
    }

    private static DemoException neverShown(Watch watch, Map<String, Victim> victims) {
        Set<String> missing = new HashSet<>(victims.keySet());
        missing.removeAll(watch.seen.keySet());
        return new DemoException(
                missing.size() + " deleted sites do not show in `reinstate history` after "
                        + Terminal.duration(PATIENCE),
                watch.problem.isEmpty() ? "for example " + missing.iterator().next() : watch.problem,
                "see whether capture still runs: the end of protect.log",
                null);
    }
}

package dev.reinstate.demo;

import dev.reinstate.demo.saas.Gate;
import dev.reinstate.demo.terminal.ProgressBar;
import dev.reinstate.demo.terminal.Terminal;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** One {@code reinstate restore} for all sites, while users go on at the others. */
final class ReinstateAct {
    private static final long POLL_MILLIS = 250;
    private static final int SHOWN = 3;

    private final Stage stage;

    ReinstateAct(Stage stage) {
        this.stage = stage;
    }

    Reinstated run(Map<String, Victim> victims) throws IOException, SQLException, InterruptedException {
        // Nobody writes to a site that is back before it was compared.
        try (Gate.Pass held = stage.saas().gate().hold()) {
            stage.saas().traffic().leave(victims.keySet());
        }
        stage.terminal()
                .detail(stage.verbs()
                        .typed("restore site-… (%d) --before-deletion --parallel %d --yes"
                                .formatted(victims.size(), stage.settings().parallel())));
        Instant begin = stage.clock().instant();
        ReinstateCommand.Completed completed = restore(victims.keySet());
        double seconds = Duration.between(begin, stage.clock().instant()).toMillis() / 1000.0;
        if (completed.output().isBlank()) {
            throw Verbs.failed("restore", completed);
        }
        Reinstated reinstated = Reinstated.read(completed, seconds, stage.verbs());
        tell(reinstated);
        return reinstated;
    }

    private ReinstateCommand.Completed restore(Set<String> sites)
            throws IOException, SQLException, InterruptedException {
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
                ProgressBar bar = stage.terminal().progress("reinstating", "sites", sites.size())) {
            CompletableFuture<ReinstateCommand.Completed> command = new CompletableFuture<>();
            executor.execute(() -> {
                try {
                    command.complete(
                            stage.verbs().restore(sites, stage.settings().parallel()));
                } catch (IOException | InterruptedException | RuntimeException e) {
                    command.completeExceptionally(e);
                }
            });
            while (!command.isDone()) {
                bar.update(present(sites));
                Thread.sleep(POLL_MILLIS);
            }
            return command.get();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
    }

    private long present(Set<String> sites) throws SQLException {
        try (Connection connection = stage.saas().database().getConnection();
                PreparedStatement statement =
                        connection.prepareStatement("SELECT count(*) FROM public.site WHERE id = ANY (?)")) {
            statement.setArray(1, connection.createArrayOf("text", sites.toArray()));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    private void tell(Reinstated reinstated) {
        long restored =
                reinstated.sites().stream().filter(Reinstated.Site::restored).count();
        stage.terminal()
                .say("%d of %d sites are back under their old ids, in %s."
                        .formatted(restored, reinstated.sites().size(), Terminal.duration(Duration.ofMillis((long)
                                (reinstated.seconds() * 1000)))));
        stage.terminal()
                .say("Receipt %s, kept in the archive; on the other sites it says: %s."
                        .formatted(reinstated.receipt(), reinstated.isolation().state()));
        reinstated.isolation().findings().stream().limit(SHOWN).forEach(stage.terminal()::detail);
        if (reinstated.isolation().findings().size() > SHOWN) {
            stage.terminal()
                    .detail("… and %d more: %s"
                            .formatted(
                                    reinstated.isolation().findings().size() - SHOWN,
                                    stage.verbs().typed("receipt " + reinstated.receipt())));
        }
        reinstated.failures().forEach(stage.terminal()::bad);
    }
}

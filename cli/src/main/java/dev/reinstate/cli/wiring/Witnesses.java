package dev.reinstate.cli.wiring;

import dev.reinstate.archive.ArchiveLoss;
import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.capture.CaptureSettings;
import dev.reinstate.capture.protection.KnownHeads;
import dev.reinstate.cli.config.Configuration;
import dev.reinstate.cli.terminal.Terminal;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.PostgresFailure;
import dev.reinstate.postgres.replication.SourceNames;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Supplier;

/** What is known of an archive outside of it: how far it had come. */
public final class Witnesses {
    private Witnesses() {}

    /** What the source and the state directory know. */
    public static KnownHeads ask(Connection source, Configuration configuration) {
        return KnownHeads.read(source, SourceNames.ofStore(configuration.store().name()), headFile(configuration));
    }

    /** The same; a source that does not answer, or does not let us in, is left out. */
    public static KnownHeads ask(Supplier<Database> source, Configuration configuration) {
        try (Connection connection = source.get().connect()) {
            return ask(connection, configuration);
        } catch (SQLException e) {
            throw PostgresFailure.of("Cannot close a session", e);
        } catch (ReinstateException e) {
            return local(configuration);
        }
    }

    /** What the state directory knows. */
    public static KnownHeads local(Configuration configuration) {
        return KnownHeads.local(headFile(configuration));
    }

    /** What the archive lacks; empty also where it is too damaged to be opened, which is worse and said elsewhere. */
    public static Optional<ArchiveLoss> loss(Supplier<ArchiveReader> archive, KnownHeads known) {
        try {
            return known.lossOf(archive.get());
        } catch (ReinstateException e) {
            if (e.kind() != FailureKind.DAMAGED) {
                throw e;
            }
            return Optional.empty();
        }
    }

    /** Says it when the archive lacks what it once held. */
    public static void warn(Terminal terminal, ArchiveReader archive, KnownHeads known) {
        Optional<ArchiveLoss> loss = known.lossOf(archive);
        loss.ifPresent(lost -> terminal.note(terminal.onErr(Terminal.Style.BAD, "the archive is not what it was: ")
                + lost.text() + "; tenants that were erased since may be among what it holds"));
    }

    private static Path headFile(Configuration configuration) {
        return CaptureSettings.defaults(configuration.store().name(), configuration.stateDirectory())
                .headFile();
    }
}

package dev.reinstate.restore.receipt;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableVersion;
import dev.reinstate.model.UncertainInterval;
import dev.reinstate.restore.receipt.Isolation.State;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Why the change stream shows nothing of a restore: it wrote to tables that were made just before, which capture did not
 * follow yet and reads as a whole when it notices them; or it changed only rows of tables without a key.
 */
final class Untraced {
    /** Noticing and reading a new table may wait for other transactions as long as this. */
    private static final Duration NOTICED_WITHIN = Duration.ofMinutes(15);

    private final ArchiveReader archive;

    Untraced(ArchiveReader archive) {
        this.archive = archive;
    }

    /** A verdict on one transaction and what was found, as the end of a sentence. */
    record Verdict(State state, String finding) {}

    Verdict judge(Receipt.Tenant tenant, Receipt.Transaction transaction) {
        List<Receipt.Table> written = tenant.tables().stream()
                .filter(table -> table.inserted() + table.updated() + table.deleted() > 0)
                .toList();
        Optional<UncertainInterval> notFollowed = archive.state().uncertain().stream()
                .filter(interval -> interval.from().isBefore(transaction.end())
                        && interval.to().isAfter(transaction.begin()))
                .filter(interval ->
                        written.stream().anyMatch(table -> table.table().equals(interval.table())))
                .findFirst();
        if (notFollowed.isPresent()) {
            return new Verdict(
                    State.NOT_APPLICABLE,
                    "is not in the change stream: " + notFollowed.get().table() + " was not followed by then ("
                            + notFollowed.get().reason() + ") and was read as a whole later");
        }
        if (written.stream().allMatch(table -> table.inserted() == 0 && isKeyless(table.table()))) {
            return new Verdict(
                    State.NOT_APPLICABLE,
                    "is not in the change stream: it inserted nothing, and of tables without a key only inserts are"
                            + " captured");
        }
        Instant durable = archive.state().durableTime().orElse(Instant.MIN);
        return durable.isBefore(transaction.committedAt().plus(NOTICED_WITHIN))
                ? new Verdict(
                        State.PENDING, "is not in the change stream; tables that are new may not have been noticed yet")
                : new Verdict(State.VIOLATED, "touched nothing that was captured");
    }

    private boolean isKeyless(TableName table) {
        return archive.catalogueHistory().stream()
                .filter(version -> version.name().equals(table))
                .reduce((earlier, later) -> later)
                .flatMap(TableVersion::shape)
                .filter(shape -> !shape.hasKey())
                .isPresent();
    }
}

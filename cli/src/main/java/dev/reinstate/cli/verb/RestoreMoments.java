package dev.reinstate.cli.verb;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.cli.terminal.ProgressBar;
import dev.reinstate.cli.terminal.Terminal;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TenantId;
import dev.reinstate.restore.history.Damage;
import dev.reinstate.restore.history.DamageFinder;
import dev.reinstate.restore.receipt.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Chooses the moment each tenant comes back to. */
final class RestoreMoments {
    private final ArchiveReader archive;
    private final Terminal terminal;

    RestoreMoments(ArchiveReader archive, Terminal terminal) {
        this.archive = archive;
        this.terminal = terminal;
    }

    /** One moment for all, named by a person. */
    Map<TenantId, Moment> asked(List<TenantId> tenants, MomentOptions asked) {
        Lsn position = asked.resolve(archive).orElseThrow();
        Moment moment = asked.time
                .map(text -> Moment.atTime(position, Moments.time(text)))
                .orElseGet(() -> Moment.atPosition(position));
        Map<TenantId, Moment> moments = new LinkedHashMap<>();
        tenants.forEach(tenant -> moments.put(tenant, moment));
        return moments;
    }

    /**
     * The last moment before each tenant's damage, or the earliest of them for all.
     *
     * @throws ReinstateException naming every tenant that has no such moment
     */
    Map<TenantId, Moment> beforeDeletion(List<TenantId> tenants, Duration burstGap, boolean sameMoment) {
        DamageFinder finder = new DamageFinder(archive, burstGap);
        List<Damage> damages = new ArrayList<>();
        List<ReinstateException> failures = new ArrayList<>();
        try (ProgressBar bar =
                new ProgressBar(terminal, System::nanoTime, "finding the damage", tenants.size(), Amounts::count)) {
            for (TenantId tenant : tenants) {
                try {
                    damages.add(finder.find(tenant));
                } catch (ReinstateException e) {
                    failures.add(e);
                }
                bar.advance(1);
            }
        }
        throwIfAny(failures, tenants.size());
        Map<TenantId, Moment> moments = new LinkedHashMap<>();
        (sameMoment ? finder.atSameMoment(damages) : damages)
                .forEach(damage -> moments.put(damage.tenant(), Moment.before(damage, sameMoment)));
        return moments;
    }

    private static void throwIfAny(List<ReinstateException> failures, int asked) {
        if (failures.isEmpty()) {
            return;
        }
        ReinstateException first = failures.getFirst();
        if (asked == 1) {
            throw first;
        }
        throw new ReinstateException(
                first.kind(),
                failures.size() + " of " + asked + " tenants have no moment before a deletion",
                "each is explained below; nothing was restored",
                "take them off the list, or restore them with --at or --at-position",
                failures.stream().map(e -> e.what() + ": " + e.why()).toList(),
                null);
    }
}

package dev.reinstate.restore.receipt;

import dev.reinstate.archive.DamageListener;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/** Remembers for a receipt what of the archive was damaged and passed over, and passes it on. Thread-safe. */
public final class MetDamage implements DamageListener {
    private final DamageListener next;
    private final Set<Receipt.Damage> met = new ConcurrentSkipListSet<>();

    /** @param next told of each, too */
    public MetDamage(DamageListener next) {
        this.next = next;
    }

    @Override
    public void workedAround(Workaround workaround) {
        met.add(new Receipt.Damage(workaround.damage(), workaround.instead()));
        next.workedAround(workaround);
    }

    /** What was met so far, each once, by the objects' names. */
    public List<Receipt.Damage> met() {
        return List.copyOf(met);
    }
}

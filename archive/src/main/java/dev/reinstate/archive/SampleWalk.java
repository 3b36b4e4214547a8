package dev.reinstate.archive;

import dev.reinstate.archive.format.ByteSink;
import dev.reinstate.archive.format.Checksum;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/** Walks over the units of a check in the order of a pass, from where it stands, until the time is used up. */
final class SampleWalk {
    private final CheckScope.Sample sample;
    private final long began;
    private long after;
    private boolean done;

    /** The time runs from here on. */
    SampleWalk(CheckScope.Sample sample) {
        this.sample = sample;
        this.began = sample.nanos().getAsLong();
        this.after = sample.pass().after();
    }

    private record Placed(long place, CheckUnit unit) {}

    void walk(List<CheckUnit> units, Consumer<CheckUnit> check) {
        List<Placed> ahead = units.stream()
                .map(unit -> new Placed(placeOf(sample.pass().seed(), unit.name()), unit))
                .filter(placed -> Long.compareUnsigned(placed.place, after) > 0)
                .sorted(Comparator.comparing(Placed::place, Long::compareUnsigned))
                .toList();
        for (Placed next : ahead) {
            check.accept(next.unit);
            after = next.place;
            if (sample.nanos().getAsLong() - began >= sample.budget().toNanos()) {
                done = next.equals(ahead.getLast());
                return;
            }
        }
        done = true;
    }

    /** Never 0, which is before all. */
    static long placeOf(long seed, String name) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        byte[] digest = Checksum.newSha256()
                .digest(new ByteSink(Long.BYTES + text.length)
                        .u64(seed)
                        .raw(text)
                        .toByteArray());
        long place = ByteBuffer.wrap(digest).getLong();
        return place == 0 ? 1 : place;
    }

    /** Whether nothing is left of the pass. */
    boolean isDone() {
        return done;
    }

    /** Where the next check goes on. */
    CheckPass next() {
        return new CheckPass(sample.pass().seed(), after);
    }
}

package dev.reinstate.archive.format;

import dev.reinstate.model.ReinstateException;

/** Bytes that are not what the format says. */
public final class Damage {
    private Damage() {}

    /** Names the invariant that does not hold, so that the specification can be looked up. */
    public static ReinstateException of(String invariant, String what, String why) {
        return ReinstateException.damaged(
                what, why + " (" + invariant + ")", "run `reinstate check`; keep the archive as it is until then");
    }
}

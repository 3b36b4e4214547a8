package dev.reinstate.bench.server;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * What is to be stopped and removed when this process is told to end in the middle of a bench (Ctrl-C, TERM), the
 * last first. Thread-safe.
 */
public final class Remains {
    private static final int ATTEMPTS = 10;
    private static final long BETWEEN_MILLIS = 200;

    private static final Deque<Held> HELD = new ArrayDeque<>();
    private static boolean ending;

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(Remains::end, "remains"));
    }

    private Remains() {}

    /** Something that stays behind unless it is closed. */
    @FunctionalInterface
    public interface Removal {
        /** May be called more than once. */
        void run() throws IOException, InterruptedException;
    }

    /** Closed by whoever has removed it in the ordinary way. */
    public static final class Held implements AutoCloseable {
        private final Removal removal;

        private Held(Removal removal) {
            this.removal = removal;
        }

        @Override
        public void close() {
            synchronized (HELD) {
                HELD.remove(this);
            }
        }
    }

    /** From now on it is removed when the process ends. */
    public static Held hold(Removal removal) {
        Held held = new Held(removal);
        synchronized (HELD) {
            HELD.push(held);
        }
        return held;
    }

    /** Whether the process has been told to end: what fails from then on is no failure of a bench. */
    public static boolean isEnding() {
        synchronized (HELD) {
            return ending;
        }
    }

    private static void end() {
        Deque<Held> left;
        synchronized (HELD) {
            ending = true;
            left = new ArrayDeque<>(HELD);
        }
        if (left.isEmpty()) {
            return;
        }
        System.err.println("told to end: stopping servers, removing folders");
        left.forEach(held -> remove(held.removal));
    }

    /** The bench is still at work beside it: files may come and go. */
    private static void remove(Removal removal) {
        for (int attempt = 1; ; attempt++) {
            try {
                removal.run();
                return;
            } catch (Exception e) {
                if (attempt == ATTEMPTS) {
                    System.err.println("left behind: " + e.getMessage());
                    return;
                }
            }
            try {
                TimeUnit.MILLISECONDS.sleep(BETWEEN_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }
}

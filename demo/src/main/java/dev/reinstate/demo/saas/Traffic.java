package dev.reinstate.demo.saas;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import javax.sql.DataSource;

/**
 * Simulated users, writing to all sites over several connections at a limited rate until stopped. Busy sites are small
 * and large alike. A site that is gone is left alone until {@link #welcome} says it is back. Thread-safe.
 */
public final class Traffic implements AutoCloseable {
    private static final List<Action> ACTIONS = Stream.of(
                    TrackerUsers.ACTIONS, WikiUsers.ACTIONS, PagerUsers.ACTIONS, PlatformUsers.ACTIONS)
            .flatMap(List::stream)
            .toList();
    private static final int WEIGHTS = ACTIONS.stream().mapToInt(Action::weight).sum();
    private static final long MOST_BEHIND_NANOS = 200_000_000;
    private static final long RECONNECT_MILLIS = 200;

    private final DataSource database;
    private final Gate gate;
    private final Ledger ledger;
    private final List<String> sites;
    private final long intervalNanos;
    private final AtomicLong nextNanos = new AtomicLong(System.nanoTime());
    private final Set<String> gone = ConcurrentHashMap.newKeySet();
    private final Map<String, LongAdder> committed = new ConcurrentHashMap<>();
    private final LongAdder conflicts = new LongAdder();
    private final Queue<String> errors = new ConcurrentLinkedQueue<>();
    private final List<Thread> users = new CopyOnWriteArrayList<>();
    private volatile boolean stopped;

    /**
     * Prepares users; none writes yet.
     *
     * @param sites that they write to
     * @param perSecond transactions of all together, at most
     */
    public Traffic(DataSource database, Gate gate, Ledger ledger, Collection<String> sites, int perSecond) {
        this.database = database;
        this.gate = gate;
        this.ledger = ledger;
        this.sites = List.copyOf(sites);
        this.intervalNanos = 1_000_000_000L / perSecond;
    }

    /** Lets them write, each on a connection of its own. */
    public void start(int connections, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < connections; i++) {
            SplittableRandom own = random.split();
            users.add(Thread.ofPlatform().name("user-" + i).daemon().start(() -> write(own)));
        }
    }

    private void write(SplittableRandom random) {
        while (!stopped) {
            try (Connection connection = database.getConnection()) {
                connection.setAutoCommit(false);
                while (!stopped) {
                    awaitTurn();
                    one(connection, random);
                }
            } catch (SQLException e) {
                if (!stopped) {
                    errors.add(e.getSQLState() + " " + e.getMessage());
                    pause(RECONNECT_MILLIS);
                }
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Turns that were missed at the gate are not made up for. */
    private void awaitTurn() throws InterruptedException {
        long now = System.nanoTime();
        long turn = nextNanos.getAndUpdate(next -> Math.max(next, now - MOST_BEHIND_NANOS) + intervalNanos);
        long wait = turn - now;
        if (wait > 0) {
            Thread.sleep(wait / 1_000_000, (int) (wait % 1_000_000));
        }
    }

    private void one(Connection connection, SplittableRandom random) throws SQLException, InterruptedException {
        Action action = action(random);
        String site = site(random);
        try (Gate.Pass pass = gate.pass()) {
            // Looked up behind the gate: a site may have gone while this user waited there.
            if (stopped || gone.contains(site)) {
                return;
            }
            Work work = new Work(connection, site, random, () -> site(random));
            try {
                action.steps().run(work);
                connection.commit();
                ledger.enter(work);
                committed.computeIfAbsent(action.name(), key -> new LongAdder()).increment();
            } catch (Work.NothingThere e) {
                connection.rollback();
                noteIfGone(connection, site);
            } catch (SQLException e) {
                connection.rollback();
                if (!isConflict(e)) {
                    throw new SQLException(action.name() + ": " + e.getMessage(), e.getSQLState(), e);
                }
                conflicts.increment();
                noteIfGone(connection, site);
            }
        }
    }

    /** Somebody else's commit was in the way: a broken constraint, a deadlock. */
    private static boolean isConflict(SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        return state.startsWith("23") || state.startsWith("40");
    }

    private void noteIfGone(Connection connection, String site) throws SQLException {
        try (var statement = connection.prepareStatement("SELECT 1 FROM public.site WHERE id = ?")) {
            statement.setString(1, site);
            try (var row = statement.executeQuery()) {
                if (!row.next()) {
                    gone.add(site);
                }
            }
        }
        connection.rollback();
    }

    private static Action action(SplittableRandom random) {
        int left = random.nextInt(WEIGHTS);
        for (Action action : ACTIONS) {
            left -= action.weight();
            if (left < 0) {
                return action;
            }
        }
        throw new IllegalStateException("weights add up to " + WEIGHTS);
    }

    /** Any that is not gone; some site always stays. */
    private String site(SplittableRandom random) {
        String site;
        do {
            site = sites.get(random.nextInt(sites.size()));
        } while (gone.contains(site));
        return site;
    }

    /** Users leave these sites alone; call it while the gate is held, so that nobody is at one. */
    public void leave(Collection<String> closed) {
        gone.addAll(closed);
    }

    /** Users write to these sites again. */
    public void welcome(Collection<String> back) {
        gone.removeAll(back);
    }

    /** What users did so far, for each kind of action. */
    Set<String> kindsCommitted() {
        return committed.keySet();
    }

    static List<Action> actions() {
        return ACTIONS;
    }

    /** Transactions given up because another was in the way. */
    public long conflicts() {
        return conflicts.sum();
    }

    /** What went wrong beyond conflicts. */
    public List<String> errors() {
        return new ArrayList<>(errors);
    }

    /** Ends all of them; open transactions are finished. */
    @Override
    public void close() {
        stopped = true;
        for (Thread user : users) {
            try {
                user.join(10_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

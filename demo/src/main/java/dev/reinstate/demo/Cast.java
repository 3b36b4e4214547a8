package dev.reinstate.demo;

import dev.reinstate.demo.saas.LegacyAppRemoval.Way;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Which site plays what.
 *
 * @param blows what the script will do, in this order
 * @param quiet sites nobody writes to: they must come out row for row as they went in
 * @param busy sites users write to; the script's victims among them
 */
record Cast(List<Blow> blows, List<String> quiet, List<String> busy) {
    private static final String ALWAYS = "site-1042";
    private static final int TOGETHER = 3;
    private static final double STEP_BY_STEP_SHARE = 0.3;

    /** One go of the script. */
    record Blow(Way way, List<String> sites) {}

    /**
     * Casts at random.
     *
     * @param rows of every site; the largest of the victims go step by step
     */
    static Cast choose(Map<String, Long> rows, int deleted, int quiet, long seed) {
        Random random = new Random(seed);
        List<String> sites = new ArrayList<>(rows.keySet());
        Collections.sort(sites);
        Collections.shuffle(sites, random);
        if (sites.remove(ALWAYS)) {
            sites.addFirst(ALWAYS);
        }
        List<String> victims = new ArrayList<>(sites.subList(0, deleted));
        List<String> left = sites.subList(deleted, deleted + quiet);
        victims.sort(Comparator.comparing((String site) -> rows.getOrDefault(site, 0L))
                .reversed());
        List<Blow> blows = blows(victims);
        Collections.shuffle(blows, random);
        List<String> busy =
                sites.stream().filter(site -> !left.contains(site)).sorted().toList();
        return new Cast(List.copyOf(blows), List.copyOf(left), busy);
    }

    private static List<Blow> blows(List<String> largestFirst) {
        List<Blow> blows = new ArrayList<>();
        int steps = (int) Math.ceil(largestFirst.size() * STEP_BY_STEP_SHARE);
        largestFirst.subList(0, steps).forEach(site -> blows.add(new Blow(Way.STEP_BY_STEP, List.of(site))));
        List<String> rest = largestFirst.subList(steps, largestFirst.size());
        int together = rest.size() > TOGETHER ? TOGETHER : 0;
        if (together > 0) {
            blows.add(new Blow(Way.AT_ONCE, List.copyOf(rest.subList(0, together))));
        }
        rest.subList(together, rest.size()).forEach(site -> blows.add(new Blow(Way.AT_ONCE, List.of(site))));
        return blows;
    }

    List<String> deleted() {
        return blows.stream().flatMap(blow -> blow.sites().stream()).sorted().toList();
    }
}

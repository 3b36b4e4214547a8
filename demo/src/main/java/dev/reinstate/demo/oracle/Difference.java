package dev.reinstate.demo.oracle;

import java.util.List;

/**
 * How a site's rows in one table differ from what was recorded.
 *
 * @param missing keys of rows that were recorded and are not there
 * @param changed keys of rows whose text is another
 * @param surplus keys of rows that are there and were not recorded
 */
public record Difference(String site, String table, List<String> missing, List<String> changed, List<String> surplus) {
    private static final int SHOWN = 3;

    boolean isNone() {
        return missing.isEmpty() && changed.isEmpty() && surplus.isEmpty();
    }

    @Override
    public String toString() {
        return "%s %s: %d missing%s, %d changed%s, %d surplus%s"
                .formatted(
                        site,
                        table,
                        missing.size(),
                        some(missing),
                        changed.size(),
                        some(changed),
                        surplus.size(),
                        some(surplus));
    }

    private static String some(List<String> keys) {
        return keys.isEmpty() ? "" : " " + keys.stream().limit(SHOWN).toList();
    }
}

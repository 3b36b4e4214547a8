package dev.reinstate.demo.saas;

import java.sql.SQLException;

/**
 * Something a user does, as one transaction.
 *
 * @param weight how often, against the others
 */
record Action(String name, int weight, Steps steps) {
    /** What happens between begin and commit. */
    interface Steps {
        /** Throws {@link Work.NothingThere} when there is nothing to do it on; then all is rolled back. */
        void run(Work work) throws SQLException;
    }
}

package dev.reinstate.capture.attribution;

import java.util.function.Consumer;

/** The steps of one transaction, in order; may be read more than once. */
interface StepLog extends AutoCloseable {
    void add(Step step);

    void forEach(Consumer<Step> consumer);

    @Override
    void close();
}

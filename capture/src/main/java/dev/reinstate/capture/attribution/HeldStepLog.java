package dev.reinstate.capture.attribution;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Steps in memory. */
final class HeldStepLog implements StepLog {
    private final List<Step> steps = new ArrayList<>();

    @Override
    public void add(Step step) {
        steps.add(step);
    }

    @Override
    public void forEach(Consumer<Step> consumer) {
        for (int i = 0; i < steps.size(); i++) {
            consumer.accept(steps.get(i));
        }
    }

    @Override
    public void close() {
        // nothing but memory
    }
}

package dev.reinstate.cli.wiring;

import dev.reinstate.archive.ArchiveMaintenance;
import dev.reinstate.archive.RetentionState;
import dev.reinstate.model.ReinstateException;
import java.util.List;

/** Hears what maintenance beside capture does. Methods return at once. */
public interface MaintenanceListener {
    /** Nothing is left to do for now. */
    default void looked(RetentionState state) {}

    default void letGo(ArchiveMaintenance.LetGo gone) {}

    default void removed(ArchiveMaintenance.Removed removed) {}

    /** It is tried again; capture is not disturbed. */
    default void failed(ReinstateException failure) {}

    /** Tells all of them, in order. */
    static MaintenanceListener all(List<MaintenanceListener> listeners) {
        return new MaintenanceListener() {
            @Override
            public void looked(RetentionState state) {
                listeners.forEach(listener -> listener.looked(state));
            }

            @Override
            public void letGo(ArchiveMaintenance.LetGo gone) {
                listeners.forEach(listener -> listener.letGo(gone));
            }

            @Override
            public void removed(ArchiveMaintenance.Removed removed) {
                listeners.forEach(listener -> listener.removed(removed));
            }

            @Override
            public void failed(ReinstateException failure) {
                listeners.forEach(listener -> listener.failed(failure));
            }
        };
    }
}

package dev.reinstate.archive;

/**
 * Told when a reader does without something that is damaged, because something else says the same. Nothing is ever passed
 * over without a word. May be called by several threads, and more than once for one object.
 */
@FunctionalInterface
public interface DamageListener {
    /** Hears nothing: for tests, and for who learns of damage in another way. */
    DamageListener SILENT = workaround -> {};

    void workedAround(Workaround workaround);

    /**
     * @param damage what is damaged, naming the object, and how
     * @param instead what was used in its place, or what is missing because of it
     */
    record Workaround(String damage, String instead) {
        @Override
        public String toString() {
            return damage + "; " + instead;
        }
    }
}

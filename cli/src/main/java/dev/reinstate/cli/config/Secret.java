package dev.reinstate.cli.config;

/** A password that does not print itself. */
public record Secret(String reveal) {
    @Override
    public String toString() {
        return "(secret)";
    }
}

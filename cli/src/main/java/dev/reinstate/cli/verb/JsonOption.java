package dev.reinstate.cli.verb;

import picocli.CommandLine.Option;

/** Whether a script reads the result. */
final class JsonOption {
    @Option(names = "--json", description = "Print one JSON document on standard output instead of text.")
    boolean asked;
}

package dev.reinstate.cli.config;

import java.nio.file.Path;

/** Where the master key of the archive is. What is not encrypted already never needs it. */
public sealed interface Encryption {
    /** Beside {@code reinstate.yaml}. */
    String DEFAULT_KEY_FILE = "reinstate.key";

    /** In a file that {@code init} or {@code protect} writes when there is no archive yet. */
    record InKeyFile(Path file) implements Encryption {}

    /** In AWS KMS: the ARN of a key, which never leaves it. */
    record InKms(String arn) implements Encryption {}

    /** Nowhere: a new archive is not encrypted. */
    record None() implements Encryption {}
}

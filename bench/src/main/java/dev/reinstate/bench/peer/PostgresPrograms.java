package dev.reinstate.bench.peer;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** PostgreSQL's client programs, where a machine may have them. */
final class PostgresPrograms {
    private static final Path DEBIAN = Path.of("/usr/lib/postgresql");

    private PostgresPrograms() {}

    static Optional<Path> find(String name) throws IOException {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Stream.concat(
                        Stream.of(path.split(File.pathSeparator)).map(folder -> Path.of(folder, name)),
                        debian().stream().map(version -> version.resolve("bin").resolve(name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static List<Path> debian() throws IOException {
        if (!Files.isDirectory(DEBIAN)) {
            return List.of();
        }
        try (Stream<Path> versions = Files.list(DEBIAN)) {
            return versions.sorted(
                            Comparator.comparingInt(PostgresPrograms::number).reversed())
                    .toList();
        }
    }

    private static int number(Path folder) {
        String digits = folder.getFileName().toString().replaceAll("\\D", "");
        return digits.isEmpty() ? 0 : Integer.parseInt(digits);
    }
}

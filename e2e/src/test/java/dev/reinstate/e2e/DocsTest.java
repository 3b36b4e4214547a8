package dev.reinstate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Documents cannot rot: what they point at exists. */
class DocsTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]+)(?:#[^)]*)?\\)");
    private static final Pattern CODE = Pattern.compile("`([^`\\s]+)`");
    private static final Pattern MACHINE_PATH = Pattern.compile("(?<![\\w.])/(work|home|root|Users)/");

    /** What a folder of the project begins with, in code quotes; other words in code quotes are not paths. */
    private static final List<String> TOP = List.of(
            "archive/",
            "bench/",
            "capture/",
            "cli/",
            "demo/",
            "docs/",
            "e2e/",
            "model/",
            "objectstore/",
            "objectstore-s3/",
            "postgres/",
            "restore/",
            ".ci/");

    /** Paths that appear when something is run. */
    private static final List<String> MADE = List.of("bench/results", "e2e/target");

    private static List<Path> documents() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT, 4)) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> !file.toString().contains("/target/"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void thereAreDocuments() throws IOException {
        assertThat(documents()).map(ROOT::relativize).contains(Path.of("ARCHITECTURE.md"), Path.of("README.md"));
    }

    @Test
    void everyPathMentionedExists() throws IOException {
        List<String> missing = new ArrayList<>();
        for (Path document : documents()) {
            String text = Files.readString(document);
            paths(document, text)
                    .filter(path -> !Files.exists(path))
                    .forEach(path -> missing.add(ROOT.relativize(document) + " mentions " + path));
        }
        assertThat(missing).isEmpty();
    }

    private static Stream<Path> paths(Path document, String text) {
        Stream<Path> links = all(LINK, text)
                .filter(target -> !target.contains("://") && !target.startsWith("mailto:"))
                .map(target -> document.resolveSibling(target).normalize());
        Stream<Path> quoted = all(CODE, text)
                .filter(word -> TOP.stream().anyMatch(word::startsWith) && !word.matches(".*[*…<>{}$].*"))
                .filter(word -> MADE.stream().noneMatch(word::startsWith))
                .map(ROOT::resolve);
        return Stream.concat(links, quoted);
    }

    private static Stream<String> all(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(result -> result.group(1));
    }

    @Test
    void noPathOfSomebodysMachineStandsThere() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path document : documents()) {
            Matcher matcher = MACHINE_PATH.matcher(Files.readString(document));
            Optional.of(matcher).filter(Matcher::find).ifPresent(hit -> found.add(document + ": " + hit.group()));
        }
        assertThat(found).isEmpty();
    }
}

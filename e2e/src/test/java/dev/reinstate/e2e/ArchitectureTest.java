package dev.reinstate.e2e;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The laws of ARCHITECTURE.md that say who may know whom. */
class ArchitectureTest {
    private static final String ROOT = "dev.reinstate.";
    private static final String[] FOUNDATION = {"java..", "javax.crypto..", "javax.sql..", "org.jspecify.."};

    /** Every module, and the modules of Reinstate it may use. */
    private static final Map<String, List<String>> MAY_USE = Map.of(
            "model", List.of(),
            "objectstore", List.of(),
            "objectstore-s3", List.of("objectstore"),
            "keys-aws", List.of("model", "archive"),
            "postgres", List.of("model"),
            "archive", List.of("model", "objectstore"),
            "capture", List.of("model", "postgres", "archive"),
            "restore", List.of("model", "postgres", "archive"),
            "demo", List.of(),
            "cli",
                    List.of(
                            "model",
                            "objectstore",
                            "objectstore-s3",
                            "postgres",
                            "archive",
                            "keys-aws",
                            "capture",
                            "restore",
                            "demo"));

    /** Libraries each module may use beside the JDK. */
    private static final Map<String, List<String>> LIBRARIES = Map.of(
            "model", List.of(),
            "objectstore", List.of("org.slf4j"),
            "objectstore-s3", List.of("software.amazon.awssdk"),
            "keys-aws", List.of("software.amazon.awssdk"),
            "postgres", List.of("org.postgresql", "org.slf4j"),
            "archive", List.of("com.github.luben.zstd", "tools.jackson", "com.fasterxml.jackson", "org.slf4j"),
            "capture", List.of("org.rocksdb", "org.postgresql", "org.slf4j"),
            "restore", List.of("tools.jackson", "com.fasterxml.jackson", "org.postgresql", "org.slf4j"),
            "demo", List.of("tools.jackson", "com.fasterxml.jackson", "org.postgresql", "io.zonky.test", "org.slf4j"),
            "cli", List.of("picocli", "tools.jackson", "com.fasterxml.jackson", "io.prometheus.metrics", "org.slf4j"));

    private static final JavaClasses PRODUCTION = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(location -> !location.contains("/e2e/") && !location.contains("/bench/"))
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("dev.reinstate");

    /** Its classes: of its package and those below, but for a package below that is a module of its own. */
    private static DescribedPredicate<JavaClass> of(String module) {
        String[] modulesBelow = MAY_USE.keySet().stream()
                .filter(other -> other.startsWith(module + "-"))
                .map(ArchitectureTest::packages)
                .toArray(String[]::new);
        return resideInAPackage(packages(module)).and(not(resideInAnyPackage(modulesBelow)));
    }

    private static String packages(String module) {
        return ROOT + module.replace('-', '.') + "..";
    }

    static Stream<String> modules() {
        return MAY_USE.keySet().stream().sorted();
    }

    /** A rule over no classes always holds: make sure that there were some. */
    @ParameterizedTest
    @MethodSource("modules")
    void classesOfEveryModuleWereScanned(String module) {
        assertThat(PRODUCTION.that(of(module)))
                .as("scanned classes of " + module)
                .hasSizeGreaterThan(1);
    }

    @ParameterizedTest
    @MethodSource("modules")
    void aModuleUsesOnlyWhatIsListed(String module) {
        String[] allowed = Stream.of(
                        Stream.of(FOUNDATION),
                        LIBRARIES.getOrDefault(module, List.of()).stream().map(name -> name + ".."))
                .flatMap(names -> names)
                .toArray(String[]::new);
        DescribedPredicate<JavaClass> known = resideInAnyPackage(allowed).or(of(module));
        for (String other : MAY_USE.getOrDefault(module, List.of())) {
            known = known.or(of(other));
        }
        classes()
                .that(of(module))
                .should()
                .onlyDependOnClassesThat(known.or(describe(
                        "are primitive", type -> type.getBaseComponentType().isPrimitive())))
                .because("ARCHITECTURE.md lists what " + module + " may use")
                .check(PRODUCTION);
    }

    @Test
    void captureAndRestoreNeverKnowEachOther() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + "capture..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + "restore..")
                .check(PRODUCTION);
        noClasses()
                .that()
                .resideInAPackage(ROOT + "restore..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + "capture..")
                .because("they meet only in the archive's format")
                .check(PRODUCTION);
    }

    /** The archive is written by capture; restore reads it and leaves receipts through a narrow door. */
    @Test
    void restoreNeverWritesTheArchivesHistory() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + "restore..")
                .should()
                .dependOnClassesThat()
                .haveNameMatching("dev\\.reinstate\\.archive\\.(ArchiveWriter|SegmentWriter|ImageWriter)")
                .check(PRODUCTION);
    }

    @Test
    void theModelDoesNothingButHoldValues() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + "model..")
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage("java.nio.file..", "java.nio.channels..", "java.net..", "java.sql.."))
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.time.Clock")
                .check(PRODUCTION);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("dev.reinstate.(**)").should().beFreeOfCycles().check(PRODUCTION);
    }

    @Test
    void nothingIsADumpingGround() {
        noClasses()
                .should()
                .haveSimpleNameEndingWith("Util")
                .orShould()
                .haveSimpleNameEndingWith("Utils")
                .orShould()
                .haveSimpleNameEndingWith("Helper")
                .orShould()
                .haveSimpleNameEndingWith("Helpers")
                .orShould()
                .haveSimpleNameEndingWith("Common")
                .orShould()
                .haveSimpleNameEndingWith("Manager")
                .because("such a name hides what the type is for")
                .check(PRODUCTION);
    }
}

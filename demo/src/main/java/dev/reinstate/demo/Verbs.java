package dev.reinstate.demo;

import dev.reinstate.demo.server.DemoDirectory;
import dev.reinstate.demo.server.EmbeddedServer;
import dev.reinstate.demo.server.RecordedProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The verbs of Reinstate the demo uses, as its user would type them. */
final class Verbs {
    static final String TENANT_TABLE = "public.site";

    private static final int LAST_LINES = 15;
    private static final JsonMapper JSON = new JsonMapper();

    private final ReinstateCommand command;
    private final DemoDirectory directory;
    private final EmbeddedServer server;

    Verbs(ReinstateCommand command, DemoDirectory directory, EmbeddedServer server) {
        this.command = command;
        this.directory = directory;
        this.server = server;
    }

    private Path config() {
        return directory.resolve("reinstate.yaml");
    }

    Path protectLog() {
        return directory.resolve("protect.log");
    }

    /** The tenancy map it proposes is written as it is. */
    JsonNode init() throws IOException, InterruptedException {
        return json(List.of(
                "init",
                "--url",
                server.url(),
                "--user",
                EmbeddedServer.USER,
                "--tenant-table",
                TENANT_TABLE,
                "--name",
                "demo",
                "--archive",
                directory.resolve("archive").toString(),
                "--state",
                directory.resolve("state").toString(),
                "--config",
                config().toString()));
    }

    ReinstateCommand.Running protect() throws IOException {
        ReinstateCommand.Running running =
                command.start(List.of("protect", "--config", config().toString()), Map.of(), protectLog());
        directory.recordCommand(RecordedProcess.of(running.process()));
        return running;
    }

    JsonNode status() throws IOException, InterruptedException {
        return json(List.of("status", "--config", config().toString()));
    }

    /** Every tenant that is gone, with the evidence. */
    JsonNode gone() throws IOException, InterruptedException {
        return json(List.of("history", "--config", config().toString()));
    }

    /** The same before the archive can be read: no answer is no news. */
    ReinstateCommand.Completed goneIfKnown() throws IOException, InterruptedException {
        return command.run(List.of("history", "--config", config().toString(), "--json"), Map.of());
    }

    ReinstateCommand.Completed restore(Collection<String> sites, int parallel)
            throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("restore"));
        arguments.addAll(sites);
        arguments.addAll(List.of(
                "--before-deletion",
                "--parallel",
                Integer.toString(parallel),
                "--yes",
                "--config",
                config().toString(),
                "--json"));
        return command.run(arguments, Map.of());
    }

    /** A receipt by its id, once capture has passed the transactions it speaks of. */
    JsonNode receipt(String id) throws IOException, InterruptedException {
        return json(List.of("receipt", id, "--wait", "60s", "--config", config().toString()));
    }

    /** How a user would type a verb on this demo's store. */
    String typed(String verb) {
        return command.name() + " " + verb + " --config " + config();
    }

    String stopCommand() {
        return command.name() + " demo --stop --dir " + directory.path();
    }

    static JsonNode parse(String text) {
        try {
            return JSON.readTree(text);
        } catch (JacksonException e) {
            throw new DemoException(
                    "Reinstate's answer is not JSON", firstLine(text), "this is a fault of Reinstate: report it", e);
        }
    }

    private JsonNode json(List<String> arguments) throws IOException, InterruptedException {
        List<String> asked = new ArrayList<>(arguments);
        asked.add("--json");
        ReinstateCommand.Completed completed = command.run(asked, Map.of());
        if (completed.exitCode() != 0) {
            throw failed(String.join(" ", asked), completed);
        }
        return parse(completed.output());
    }

    static DemoException failed(String what, ReinstateCommand.Completed completed) {
        String said = completed.errors().isBlank() ? completed.output() : completed.errors();
        return new DemoException(
                "`reinstate " + what + "` ended with exit code " + completed.exitCode(),
                lastLines(said),
                "see above what it said",
                null);
    }

    /** What a command that should be running said before it ended. */
    DemoException ended() throws IOException {
        return new DemoException(
                "`reinstate protect` ended",
                lastLines(Files.readString(protectLog())),
                "the whole log is " + protectLog(),
                null);
    }

    private static String lastLines(String text) {
        List<String> lines = text.strip().lines().toList();
        return lines.stream().skip(Math.max(0, lines.size() - LAST_LINES)).collect(Collectors.joining("\n"));
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("it is empty");
    }
}

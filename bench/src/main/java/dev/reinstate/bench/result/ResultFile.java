package dev.reinstate.bench.result;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Outcomes as JSON, one file a bench, overwritten by the next run. */
public final class ResultFile {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private final Path folder;

    public ResultFile(Path folder) {
        this.folder = folder;
    }

    /** Writes {@code <bench>.json} and returns where. */
    public Path write(Outcome outcome, Machine machine, Instant taken) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("bench", outcome.bench());
        document.put("setting", outcome.setting());
        document.put("taken", taken.toString());
        document.put("machine", machine);
        document.put("measured", outcome.rows().stream().map(ResultFile::row).toList());
        document.put("compared", outcome.gates().stream().map(ResultFile::gate).toList());
        Path file = folder.resolve(outcome.bench() + ".json");
        try {
            Files.createDirectories(folder);
            Files.writeString(file, JSON.writeValueAsString(document) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
        return file;
    }

    /**
     * What is clearly worse than what the file says was reached on a machine of the same kind, a line each; empty without
     * such a file.
     */
    public List<String> worse(Outcome outcome, Machine machine) {
        Path file = folder.resolve(outcome.bench() + ".json");
        if (!Files.exists(file)) {
            return List.of();
        }
        JsonNode before = JSON.readTree(file);
        boolean isComparable = before.at("/machine/cores").asInt(0) == machine.cores()
                && before.at("/machine/processor").asString("").equals(machine.processor());
        List<String> worse = new ArrayList<>();
        for (JsonNode then : isComparable ? before.path("compared") : JSON.createArrayNode()) {
            double[] runs = then.path("runs")
                    .valueStream()
                    .mapToDouble(JsonNode::asDouble)
                    .toArray();
            outcome.gates().stream()
                    .filter(gate -> gate.what().equals(then.path("what").asString())
                            && runs.length > 0
                            && gate.isWorseThan(Series.of(runs)))
                    .map(gate -> gate.what() + ": "
                            + Numbers.text(gate.reached().orElseThrow().median()) + ", and was "
                            + Numbers.text(then.path("median").asDouble()))
                    .forEach(worse::add);
        }
        return worse;
    }

    private static Map<String, Object> row(Row row) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("what", row.what());
        row.series().ifPresent(series -> putSeries(entry, series));
        entry.put("unit", row.unit());
        entry.put("note", row.note());
        return entry;
    }

    private static Map<String, Object> gate(Gate gate) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("what", gate.what());
        entry.put("target", gate.targetText());
        gate.reached().ifPresent(series -> putSeries(entry, series));
        entry.put("verdict", gate.verdict());
        return entry;
    }

    private static void putSeries(Map<String, Object> entry, Series series) {
        entry.put("median", rounded(series.median()));
        List<Double> runs = new ArrayList<>();
        series.values().forEach(value -> runs.add(rounded(value)));
        entry.put("runs", runs);
    }

    private static double rounded(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}

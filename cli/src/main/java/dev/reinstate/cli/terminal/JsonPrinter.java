package dev.reinstate.cli.terminal;

import java.io.PrintStream;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.ToStringSerializer;

/** Results for scripts: one document on standard output. Records become objects, the named types their text. */
public final class JsonPrinter {
    private final JsonMapper mapper;

    /** @param asText types written as what their {@code toString} says */
    public JsonPrinter(Iterable<Class<?>> asText) {
        SimpleModule module = new SimpleModule();
        asText.forEach(type -> module.addSerializer(type, ToStringSerializer.instance));
        mapper = JsonMapper.builder()
                .addModule(module)
                .enable(SerializationFeature.INDENT_OUTPUT)
                .build();
    }

    public void print(PrintStream out, Object document) {
        out.println(mapper.writeValueAsString(document));
    }
}

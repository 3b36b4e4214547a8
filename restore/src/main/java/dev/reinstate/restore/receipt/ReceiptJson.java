package dev.reinstate.restore.receipt;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TenantId;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.KeyDeserializer;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

/** Reinstate's words in JSON: positions, tables and tenants as the texts a person knows them by, times as ISO 8601. */
public final class ReceiptJson {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .addModule(words())
            .enable(SerializationFeature.INDENT_OUTPUT)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private ReceiptJson() {}

    /** Reads and writes everything this module reports: plans, histories, damages, receipts. */
    public static JsonMapper mapper() {
        return MAPPER;
    }

    static byte[] write(Object document) {
        return MAPPER.writeValueAsBytes(document);
    }

    static <T> T read(byte[] json, Class<T> type, String name) {
        try {
            return MAPPER.readValue(json, type);
        } catch (JacksonException e) {
            throw ReinstateException.damaged(
                    "Receipt " + name + " cannot be read", "it is not the JSON it should be", "run `reinstate check`");
        }
    }

    private static SimpleModule words() {
        SimpleModule module = new SimpleModule("reinstate");
        add(module, Lsn.class, Lsn::parse);
        add(module, TableName.class, TableName::parse);
        add(module, TenantId.class, TenantId::new);
        module.addKeyDeserializer(TableName.class, new KeyDeserializer() {
            @Override
            public Object deserializeKey(String key, DeserializationContext context) {
                return TableName.parse(key);
            }
        });
        return module;
    }

    private static <T> void add(SimpleModule module, Class<T> type, Function<String, T> parse) {
        module.addSerializer(type, new StdSerializer<>(type) {
            @Override
            public void serialize(T value, JsonGenerator json, SerializationContext context) {
                json.writeString(value.toString());
            }
        });
        module.addDeserializer(type, new StdDeserializer<>(type) {
            @Override
            public T deserialize(JsonParser json, DeserializationContext context) {
                return parse.apply(json.getString());
            }
        });
    }
}

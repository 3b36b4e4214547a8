package dev.reinstate.archive.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.Column;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import java.util.List;
import org.junit.jupiter.api.Test;

class SchemaTableTest {
    private static TableSchema schema(int oid, String column) {
        return new TableSchema(
                oid, new TableName("public", "t"), List.of(new Column(1, column, 25, "text")), List.of(0));
    }

    /** However many objects say the same, and in whatever order they come. */
    @Test
    void equalSchemasHaveOneNumber() {
        SchemaTable schemas = new SchemaTable();
        List<TableSchema> shapes = List.of(schema(7, "a"), schema(7, "b"), schema(8, "a"));
        for (int source = 0; source < 20_000; source++) {
            for (int number = 0; number < shapes.size(); number++) {
                TableSchema shape = shapes.get(number);
                TableSchema own = schema(shape.oid(), shape.columns().getFirst().name());
                assertThat(schemas.numberOf(own)).isEqualTo(number);
                assertThat(schemas.numberOf(shape)).isEqualTo(number);
            }
        }
        assertThat(schemas.all()).isEqualTo(shapes);
    }
}

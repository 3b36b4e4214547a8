package dev.reinstate.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

class SqlTest {
    @Test
    void quotesNames() {
        assertThat(Sql.table(new TableName("My \"app\"", "select"))).isEqualTo("\"My \"\"app\"\"\".\"select\"");
        assertThat(Sql.identifiers(List.of("a", "B"))).isEqualTo("\"a\", \"B\"");
    }

    @Test
    void theServerReadsALiteralAsTheText() throws SQLException {
        try (Connection connection = TestServer.shared().newDatabase().connect()) {
            for (String setting : List.of("on", "off")) {
                Query.execute(connection, "Cannot set", "SET standard_conforming_strings = " + setting);
                for (String text : List.of("", "it's", "a\\b'\\'", "\\", "x'; DROP TABLE t; --", "Ü☃\n\t")) {
                    assertThat(TestServer.text(connection, "SELECT" + " " + Sql.literal(text)))
                            .isEqualTo(text);
                }
            }
        }
    }
}

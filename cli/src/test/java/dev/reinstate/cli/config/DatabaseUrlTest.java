package dev.reinstate.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.model.ReinstateException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DatabaseUrlTest {
    @Test
    void bothFormsMeanTheSame() {
        assertThat(DatabaseUrl.parse("postgresql://me@db:5433/app?sslmode=require"))
                .isEqualTo(DatabaseUrl.parse("jdbc:postgresql://db:5433/app?user=me&sslmode=require"))
                .isEqualTo(new DatabaseUrl("jdbc:postgresql://db:5433/app?sslmode=require", Optional.of("me")));
    }

    @Test
    void aUserMayHaveEscapes() {
        assertThat(DatabaseUrl.parse("postgres://me%40corp@db/app").user()).contains("me@corp");
        assertThat(DatabaseUrl.parse("jdbc:postgresql://db/app?user=a+b").user())
                .contains("a+b");
    }

    @Test
    void aDatabaseMustBeNamed() {
        assertThatThrownBy(() -> DatabaseUrl.parse("jdbc:postgresql://db:5432"))
                .isInstanceOf(ReinstateException.class)
                .hasMessageContaining("names no database");
    }
}

package dev.reinstate.objectstore.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.objectstore.ObjectStoreException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class S3LocationTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3://bucket",
                "s3://my.bucket-1/backup/App_1",
                "s3://bucket/p?region=eu-central-1",
                "s3://bucket/p?endpoint=https://s3.example:8443&region=x&path-style=true"
            })
    void whatIsReadIsPrintedAgain(String text) {
        assertThat(S3Location.parse(text)).hasToString(text);
        assertThat(S3Location.parse(S3Location.parse(text).toString())).isEqualTo(S3Location.parse(text));
    }

    @Test
    void slashesAtTheEndsMeanNothing() {
        assertThat(S3Location.parse("s3://bucket/")).isEqualTo(S3Location.parse("s3://bucket"));
        assertThat(S3Location.parse("s3://bucket/a/b/")).isEqualTo(S3Location.parse("s3://bucket/a/b"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3://",
                "s3:///prefix",
                "s3://B",
                "s3://under_score/x",
                "s3://bucket/a//b",
                "s3://bucket/.hidden",
                "s3://bucket/a b",
                "s3://bucket?endpoint=ftp://x",
                "s3://bucket?endpoint=http://user:hunter2@x",
                "s3://bucket?path-style=yes",
                "s3://bucket?region=",
                "s3://bucket?secret=hunter2",
                "s3://key:hunter2@bucket/x"
            })
    void othersAreRefusedWithoutRepeatingSecrets(String text) {
        assertThatThrownBy(() -> S3Location.parse(text)).isInstanceOfSatisfying(ObjectStoreException.class, e -> {
            assertThat(e.kind()).isEqualTo(ObjectStoreException.Kind.INVALID);
            assertThat(e).hasMessageNotContaining("hunter2");
        });
    }
}

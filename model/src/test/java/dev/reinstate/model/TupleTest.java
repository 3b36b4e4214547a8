package dev.reinstate.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TupleTest {
    @Test
    void valuesComeBackAsTheyWentIn() {
        Random random = new Random(42);
        for (int round = 0; round < 500; round++) {
            List<Optional<String>> values = new ArrayList<>();
            for (int column = random.nextInt(12); column > 0; column--) {
                values.add(random.nextInt(4) == 0 ? Optional.empty() : Optional.of(text(random)));
            }
            Tuple tuple = Tuple.ofTexts(values);
            Tuple copy = Tuple.ofEncoded(tuple.encoded().clone(), values.size());
            assertThat(copy).isEqualTo(tuple).hasSameHashCodeAs(tuple);
            for (int column = 0; column < values.size(); column++) {
                assertThat(copy.text(column)).isEqualTo(values.get(column));
            }
        }
    }

    @Test
    void lengthsAroundEachSizeOfTheLengthPrefixComeBack() {
        for (int length : new int[] {0, 1, 125, 126, 127, 16_381, 16_382, 2_097_149, 2_097_150}) {
            byte[] text = new byte[length];
            Arrays.fill(text, (byte) 'x');
            Tuple tuple = new Tuple.Builder(8)
                    .addNull()
                    .addText(text)
                    .addUnchanged()
                    .addText(text)
                    .build();
            assertThat(tuple.valueLength(1)).isEqualTo(length);
            assertThat(tuple.valueLength(3)).isEqualTo(length);
            assertThat(tuple.isUnchanged(2)).isTrue();
            assertThat(tuple.text(3).orElseThrow()).hasSize(length);
        }
    }

    @Test
    void emptyTextIsNotNull() {
        Tuple tuple = Tuple.ofTexts(List.of(Optional.of(""), Optional.empty()));
        assertThat(tuple.isNull(0)).isFalse();
        assertThat(tuple.isNull(1)).isTrue();
    }

    @Test
    void anUnchangedColumnHasNoTextToGive() {
        Tuple tuple = new Tuple.Builder(8).addUnchanged().build();
        assertThat(tuple.hasUnchanged()).isTrue();
        assertThatThrownBy(() -> tuple.text(0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void bytesThatAreNoTupleAreRefused() {
        byte[] encoded =
                Tuple.ofTexts(List.of(Optional.of("hello"), Optional.empty())).encoded();
        for (int length = 0; length < encoded.length; length++) {
            byte[] cut = Arrays.copyOf(encoded, length);
            assertThatThrownBy(() -> Tuple.ofEncoded(cut, 2)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> Tuple.ofEncoded(encoded, 1)).isInstanceOf(IllegalArgumentException.class);
        for (byte last : new byte[] {-1, 0x0F, 0x7F}) {
            byte[] endless = {-1, -1, -1, -1, last, -1};
            assertThatThrownBy(() -> Tuple.ofEncoded(endless, 1)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void keysAreTheirColumnsInKeyOrder() {
        TableSchema table = new TableSchema(
                1,
                TableName.parse("public.t"),
                List.of(new Column(1, "a", 25, "text"), new Column(2, "b", 25, "text")),
                List.of(1, 0));
        RowKey key = RowKey.of(table, Tuple.ofTexts(List.of(Optional.of("A"), Optional.of("B"))));
        assertThat(key.values(2).text(0)).contains("B");
        assertThat(key.values(2).text(1)).contains("A");
    }

    @Test
    void valuesAreNeverPrinted() {
        Tuple tuple = Tuple.ofTexts(List.of(Optional.of("secret")));
        RowKey key = RowKey.ofColumns(tuple, List.of(0));
        assertThat(tuple.toString() + key).doesNotContain("secret");
        assertThat(new String(key.encoded(), StandardCharsets.UTF_8)).contains("secret");
    }

    private static String text(Random random) {
        int length = random.nextInt(10) == 0 ? 100 + random.nextInt(60) : random.nextInt(8);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.appendCodePoint(random.nextBoolean() ? 'a' + random.nextInt(26) : 0x1F600 + random.nextInt(40));
        }
        return text.toString();
    }
}

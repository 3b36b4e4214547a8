package dev.reinstate.cli.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class YamlReaderTest {
    @Test
    void aCharacterOfTwoHalvesMayStandAnywhere() {
        for (int before = 1000; before < 1100; before++) {
            String text = "#".repeat(before) + "\uD83D\uDE00\nkey: \uD83D\uDE00\n";
            Problems problems = new Problems("reinstate.yaml");
            YamlNode.Mapping read = (YamlNode.Mapping) YamlReader.read(text, problems);
            assertThat(List.copyOf(read.entries().values())).containsExactly(new YamlNode.Scalar(2, "\uD83D\uDE00"));
        }
    }
}

package dev.reinstate.cli.verb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.restore.plan.ReferencePolicy;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

class ChangeOptionsTest {
    @Test
    void referencesThatLeadNowhereAreRefusedUnlessNullIsAskedFor() {
        assertThat(parse().references()).isEqualTo(ReferencePolicy.FAIL);
        assertThat(parse("--references", "fail").references()).isEqualTo(ReferencePolicy.FAIL);
        assertThat(parse("--references", "null").references()).isEqualTo(ReferencePolicy.NULL);
        assertThatThrownBy(() -> parse("--references", "restore-shared-row")).isInstanceOf(ParameterException.class);
    }

    private static ChangeOptions parse(String... arguments) {
        ChangeOptions options = new ChangeOptions();
        new CommandLine(options).setCaseInsensitiveEnumValuesAllowed(true).parseArgs(arguments);
        return options;
    }
}

package dev.reinstate.cli.verb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.restore.plan.ReferencePolicy;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

class ChangeOptionsTest {
    @Test
    void referencesThatLeadNowhereAreRefusedUnlessAskedOtherwise() {
        assertThat(parse().references()).isEqualTo(ReferencePolicy.FAIL);
        assertThat(parse("--references", "fail").references()).isEqualTo(ReferencePolicy.FAIL);
        assertThat(parse("--references", "null").references()).isEqualTo(ReferencePolicy.NULL);
        assertThat(parse("--references", "restore-shared-row").references())
                .isEqualTo(ReferencePolicy.RESTORE_SHARED_ROW);
        assertThat(parse("--references", "Restore-Shared-Row-Or-Null").references())
                .isEqualTo(ReferencePolicy.RESTORE_SHARED_ROW_OR_NULL);
        assertThatThrownBy(() -> parse("--references", "restore_shared_row"))
                .isInstanceOf(ParameterException.class)
                .hasMessageContaining("fail, null, restore-shared-row, restore-shared-row-or-null");
    }

    private static ChangeOptions parse(String... arguments) {
        ChangeOptions options = new ChangeOptions();
        new CommandLine(options).setCaseInsensitiveEnumValuesAllowed(true).parseArgs(arguments);
        return options;
    }
}

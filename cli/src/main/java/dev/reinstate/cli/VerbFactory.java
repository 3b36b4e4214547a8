package dev.reinstate.cli;

import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.verb.DemoVerb;
import dev.reinstate.cli.verb.InitVerb;
import dev.reinstate.cli.verb.VersionVerb;
import dev.reinstate.cli.wiring.Databases;
import dev.reinstate.cli.wiring.SpawnedReinstate;
import java.util.Map;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import picocli.CommandLine;

/** Hands every verb what it works with. */
final class VerbFactory implements CommandLine.IFactory {
    private final Map<Class<?>, Supplier<?>> verbs;

    VerbFactory(Output output, Databases databases, RandomGenerator random) {
        verbs = Map.of(
                DemoVerb.class, () -> new DemoVerb(output, new SpawnedReinstate(Main.class.getName()), random),
                InitVerb.class, () -> new InitVerb(output, databases),
                VersionVerb.class, () -> new VersionVerb(output));
    }

    @Override
    public <K> K create(Class<K> type) throws Exception {
        Supplier<?> known = verbs.get(type);
        return known == null ? CommandLine.defaultFactory().create(type) : type.cast(known.get());
    }
}

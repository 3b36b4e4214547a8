package dev.reinstate.cli;

import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.verb.CheckVerb;
import dev.reinstate.cli.verb.CompactVerb;
import dev.reinstate.cli.verb.CopyVerb;
import dev.reinstate.cli.verb.DdlTriggerVerb;
import dev.reinstate.cli.verb.DemoVerb;
import dev.reinstate.cli.verb.ExportVerb;
import dev.reinstate.cli.verb.HistoryVerb;
import dev.reinstate.cli.verb.HoldVerb;
import dev.reinstate.cli.verb.InitVerb;
import dev.reinstate.cli.verb.KeysVerb;
import dev.reinstate.cli.verb.ProtectVerb;
import dev.reinstate.cli.verb.ReceiptExportVerb;
import dev.reinstate.cli.verb.ReceiptVerb;
import dev.reinstate.cli.verb.ReceiptVerifyVerb;
import dev.reinstate.cli.verb.RestoreVerb;
import dev.reinstate.cli.verb.RetentionVerb;
import dev.reinstate.cli.verb.SchemaVerb;
import dev.reinstate.cli.verb.ShredVerb;
import dev.reinstate.cli.verb.StatusVerb;
import dev.reinstate.cli.verb.TenantsVerb;
import dev.reinstate.cli.verb.UnprotectVerb;
import dev.reinstate.cli.verb.VersionVerb;
import dev.reinstate.cli.wiring.Archives;
import dev.reinstate.cli.wiring.Databases;
import dev.reinstate.cli.wiring.SpawnedReinstate;
import java.time.Clock;
import java.util.Map;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import picocli.CommandLine;

/** Hands every verb what it works with. */
final class VerbFactory implements CommandLine.IFactory {
    private final Map<Class<?>, Supplier<?>> verbs;

    VerbFactory(Output output, Databases databases, Archives archives, Clock clock, RandomGenerator random) {
        verbs = Map.ofEntries(
                verb(DemoVerb.class, () -> new DemoVerb(output, new SpawnedReinstate(Main.class.getName()), random)),
                verb(InitVerb.class, () -> new InitVerb(output, databases, archives, clock)),
                verb(ProtectVerb.class, () -> new ProtectVerb(output, databases, archives.masterKeys(), clock)),
                verb(StatusVerb.class, () -> new StatusVerb(output, archives, databases, clock)),
                verb(TenantsVerb.class, () -> new TenantsVerb(output, archives)),
                verb(HistoryVerb.class, () -> new HistoryVerb(output, archives, clock)),
                verb(RestoreVerb.class, () -> new RestoreVerb(output, archives, databases, clock, random)),
                verb(ReceiptVerb.class, () -> new ReceiptVerb(output, archives, clock, random)),
                verb(ReceiptVerifyVerb.class, () -> new ReceiptVerifyVerb(output, archives, clock, random)),
                verb(ReceiptExportVerb.class, () -> new ReceiptExportVerb(output, archives, clock, random)),
                verb(ExportVerb.class, () -> new ExportVerb(output, archives)),
                verb(SchemaVerb.class, () -> new SchemaVerb(output, archives)),
                verb(CheckVerb.class, () -> new CheckVerb(output, archives, databases, clock, random)),
                verb(CopyVerb.class, () -> new CopyVerb(output, archives)),
                verb(CompactVerb.class, () -> new CompactVerb(output, archives)),
                verb(RetentionVerb.class, () -> new RetentionVerb(output, archives)),
                verb(HoldVerb.class, () -> new HoldVerb(output, archives)),
                verb(ShredVerb.class, () -> new ShredVerb(output, archives, clock)),
                verb(KeysVerb.class, () -> new KeysVerb(output, archives)),
                verb(DdlTriggerVerb.class, () -> new DdlTriggerVerb(output, databases)),
                verb(UnprotectVerb.class, () -> new UnprotectVerb(output, databases)),
                verb(VersionVerb.class, () -> new VersionVerb(output)));
    }

    private static <V> Map.Entry<Class<?>, Supplier<?>> verb(Class<V> type, Supplier<V> made) {
        return Map.entry(type, made);
    }

    @Override
    public <K> K create(Class<K> type) throws Exception {
        Supplier<?> known = verbs.get(type);
        return known == null ? CommandLine.defaultFactory().create(type) : type.cast(known.get());
    }
}

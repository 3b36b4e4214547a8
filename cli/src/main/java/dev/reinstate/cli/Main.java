package dev.reinstate.cli;

import dev.reinstate.cli.config.ArchivePlace;
import dev.reinstate.cli.config.Passwords;
import dev.reinstate.cli.terminal.JsonPrinter;
import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.terminal.Terminal;
import dev.reinstate.cli.wiring.Archives;
import dev.reinstate.cli.wiring.DamageNotice;
import dev.reinstate.cli.wiring.Databases;
import dev.reinstate.cli.wiring.MasterKeys;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.StoreIdentity;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TenantId;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/** Where the process begins. */
public final class Main {
    private static final List<Class<?>> AS_TEXT =
            List.of(Lsn.class, TenantId.class, TableName.class, StoreIdentity.class, Path.class, ArchivePlace.class);

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(run(Terminal.ofProcess(System.getProperties(), System.getenv()), System.getenv(), arguments));
    }

    static int run(Terminal terminal, Map<String, String> environment, String... arguments) {
        Output output = new Output(terminal, new JsonPrinter(AS_TEXT));
        Databases databases = new Databases(new Passwords(environment));
        SecureRandom random = new SecureRandom();
        Archives archives = new Archives(new MasterKeys(environment, random), new DamageNotice(terminal));
        VerbFactory verbs = new VerbFactory(output, databases, archives, Clock.systemUTC(), random);
        return new Application(output, verbs).run(arguments);
    }
}

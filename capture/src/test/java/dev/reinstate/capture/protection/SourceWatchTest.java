package dev.reinstate.capture.protection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.capture.source.KnownTables;
import dev.reinstate.capture.source.LastSeen;
import dev.reinstate.capture.source.LetGoPolicy;
import dev.reinstate.capture.source.SourceLock;
import dev.reinstate.capture.source.SourceTables;
import dev.reinstate.capture.source.SourceWatch;
import dev.reinstate.capture.source.TableWatch;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.PatternRule;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.StoreIdentity;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TablePattern;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyRules;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.replication.SourceNames;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceWatchTest {
    @TempDir
    Path directory;

    /** What a watch does, in its order; does something itself right after the publications were altered. */
    private record Recorder(BlockingQueue<String> seen, Runnable altered) implements SourceWatch.Events {
        String next() throws InterruptedException {
            return String.valueOf(seen.poll(30, TimeUnit.SECONDS));
        }

        @Override
        public void unprotectedTables(List<SourceTables.Unprotected> tables) {}

        @Override
        public void publicationsChanged(List<String> statements) {
            altered.run();
            seen.add("altered");
        }

        @Override
        public void tableUncertain(TableName table, String why) {}

        @Override
        public void retainedLog(LetGoPolicy.Pressure pressure, long retainedBytes, long limitBytes) {}

        @Override
        public void sourceLog(long retainedBytes, long limitBytes) {}

        @Override
        public void looked(Connection session) {
            seen.add("looked");
        }

        @Override
        public void failed(ReinstateException failure, Duration pause) {
            seen.add("failed: " + failure.getMessage());
        }
    }

    private static TenancyRules rules() {
        TableName site = TableName.parse("site");
        return new TenancyRules(
                Optional.of(site),
                Optional.empty(),
                List.of(new PatternRule(new TablePattern("*.*"), new TableRule.ByColumn("site_id"))),
                new TreeMap<>(Map.of(site, new TableRule.TenantTable("id"))));
    }

    private interface Watched {
        void by(SourceWatch watch, Recorder recorder, TableWatch tables, Connection user) throws Exception;
    }

    /** @param altered what the user does right after the publications were altered */
    private void watch(String altered, Watched test) throws Exception {
        try (EmbeddedPostgres server = CaptureHarness.startServer()) {
            Database database =
                    Database.of(CaptureHarness.url(server, "postgres"), Optional.of("postgres"), Optional::empty);
            SourceNames names = SourceNames.ofStore("watched");
            try (Connection session = database.connect();
                    SourceLock lock = SourceLock.acquire(session, names.slot(), Duration.ofSeconds(5));
                    Connection user = database.connect()) {
                make(user, "site", "(id text PRIMARY KEY)");
                SourceTables tables = SourceTables.of(Catalogue.read(user), rules());
                TableWatch tableWatch = new TableWatch(
                        new KnownTables(List.of()),
                        () -> Lsn.ZERO,
                        new LastSeen(directory.resolve("seen"), new StoreIdentity(1, 1, "watched")));
                Recorder recorder = new Recorder(
                        new LinkedBlockingQueue<>(), () -> Query.execute(user, "Cannot do what users do", altered));
                try (SourceWatch watch =
                        new SourceWatch(database, names, lock, tables, tableWatch, OptionalLong.empty(), recorder)) {
                    watch.start(Duration.ofMillis(20));
                    assertThat(recorder.next()).isEqualTo("altered");
                    test.by(watch, recorder, tableWatch, user);
                }
            }
        }
    }

    private static void make(Connection user, String table, String columns) {
        Query.execute(user, "Cannot make a table", "CREATE TABLE public." + table + " " + columns);
    }

    /** Altering them may wait for locks, and the tables read after that are not those that were published. */
    @Test
    void aTableThatComesWhilePublicationsAreAlteredIsNotTakenForKnown() throws Exception {
        watch(
                "CREATE TABLE public.late (id int PRIMARY KEY, site_id text); INSERT INTO public.late VALUES (1, 'a')",
                (watch, recorder, tables, user) -> {
                    assertThat(recorder.next()).isEqualTo("looked");
                    assertThat(watch.ending()).containsInstanceOf(SourceWatch.Ending.TablesChanged.class);
                    assertThat(tables.noticed()).isEmpty();
                });
    }

    /** As long as the catalogue is the same it is not read, and what changes it is noticed all the same. */
    @Test
    void aTableThatComesLaterIsNoticed() throws Exception {
        watch("SELECT", (watch, recorder, tables, user) -> {
            for (int look = 0; look < 4; look++) {
                assertThat(recorder.next()).isEqualTo("looked");
                assertThat(watch.ending()).isEmpty();
            }
            make(user, "later", "(id int PRIMARY KEY, site_id text)");
            while (watch.ending().isEmpty()) {
                assertThat(recorder.next()).isEqualTo("looked");
            }
            assertThat(watch.ending()).containsInstanceOf(SourceWatch.Ending.TablesChanged.class);
        });
    }
}

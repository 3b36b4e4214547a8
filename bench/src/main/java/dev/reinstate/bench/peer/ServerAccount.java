package dev.reinstate.bench.peer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;

/** Whose processes a cluster's are: PostgreSQL refuses root, in whose place its usual account is taken. */
final class ServerAccount {
    private static final String NAME = "postgres";

    private ServerAccount() {}

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    /** The command, run by that account. */
    static List<String> command(List<String> command) {
        if (!isRoot()) {
            return command;
        }
        List<String> asAccount = new ArrayList<>(List.of("runuser", "-u", NAME, "--"));
        asAccount.addAll(command);
        return asAccount;
    }

    /** Makes an empty folder that the account may write to, beside everybody's temporary files. */
    static Path newFolder(String name) throws IOException {
        Path folder = Files.createTempDirectory(name);
        if (isRoot()) {
            UserPrincipal account =
                    folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(NAME);
            Files.setOwner(folder, account);
        }
        return folder;
    }
}

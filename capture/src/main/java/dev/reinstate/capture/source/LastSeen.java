package dev.reinstate.capture.source;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.StoreIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/**
 * Up to which position the tables were seen to be as the archive has them. It bounds what a change that nobody saw may
 * have touched, when capture starts again. A local file: without it the bound is further back, never wrong.
 */
public final class LastSeen {
    private final Path file;
    private final StoreIdentity store;

    public LastSeen(Path file, StoreIdentity store) {
        this.file = file;
        this.store = store;
    }

    /**
     * @param versions how many versions the archive's catalogue history has; fewer than when it was written: it is another
     *     archive
     */
    public Optional<Lsn> read(int versions) {
        try {
            List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
            return lines.size() == 3
                            && lines.get(0).equals(store.toString())
                            && Integer.parseInt(lines.get(1)) <= versions
                    ? Optional.of(Lsn.parse(lines.get(2)))
                    : Optional.empty();
        } catch (IOException | NumberFormatException | ReinstateException e) {
            return Optional.empty();
        }
    }

    /** Best effort: what cannot be written bounds less. */
    public void write(Lsn position, int versions) {
        Path draft = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(draft, store + "\n" + versions + "\n" + position + "\n");
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            // what is there says an earlier position, or nothing
        }
    }
}

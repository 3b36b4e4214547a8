package dev.reinstate.restore.export;

import dev.reinstate.model.ReinstateException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.stream.Stream;

/** A directory that appears under its name all at once, with everything in it, or not at all. */
public final class NewDirectory implements AutoCloseable {
    private static final int BUFFER_BYTES = 128 * 1024;

    private final Path target;
    private final Path partial;
    private boolean published;

    private NewDirectory(Path target, Path partial) {
        this.target = target;
        this.partial = partial;
    }

    /** {@code INVALID} when something of that name is there already. */
    public static NewDirectory create(Path target) {
        Path absolute = target.toAbsolutePath().normalize();
        if (Files.exists(absolute)) {
            throw ReinstateException.invalid(
                    absolute + " exists already",
                    "an export never writes over anything",
                    "name a new directory with --to");
        }
        try {
            Path parent = absolute.getParent();
            if (parent == null) {
                throw ReinstateException.invalid(
                        absolute + " is no new directory", "it has no directory above it", "name one with --to");
            }
            Files.createDirectories(parent);
            Path partial = Files.createTempDirectory(parent, "." + absolute.getFileName() + ".");
            Path named = partial.resolveSibling(partial.getFileName() + ".partial");
            return new NewDirectory(absolute, Files.move(partial, named));
        } catch (IOException e) {
            throw failed(absolute, e);
        }
    }

    /** A new file in it; closing it makes it durable. */
    public OutputStream newFile(String name) {
        try {
            FileChannel channel =
                    FileChannel.open(partial.resolve(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            return new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES) {
                @Override
                public void close() throws IOException {
                    try (channel) {
                        flush();
                        channel.force(true);
                    }
                }
            };
        } catch (IOException e) {
            throw failed(target, e);
        }
    }

    /** Gives it its name. */
    public Path publish() {
        try {
            Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
            published = true;
            return target;
        } catch (AtomicMoveNotSupportedException e) {
            throw failed(target, e);
        } catch (IOException e) {
            throw failed(target, e);
        }
    }

    /** What is said when the disk does not take it. */
    public static ReinstateException failed(Path path, IOException cause) {
        return ReinstateException.unavailable(
                path + " cannot be written",
                cause.getClass().getSimpleName() + " " + cause.getMessage(),
                "make room or name another directory; nothing is half-written there",
                cause);
    }

    /** Removes it again unless it was published. */
    @Override
    public void close() {
        if (published) {
            return;
        }
        try (Stream<Path> files = Files.walk(partial)) {
            files.sorted(Comparator.reverseOrder()).forEach(NewDirectory::delete);
        } catch (IOException | UncheckedIOException e) {
            // what is left has a name that says so
        }
    }

    private static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

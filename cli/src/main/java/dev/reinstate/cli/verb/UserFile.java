package dev.reinstate.cli.verb;

import dev.reinstate.model.ReinstateException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Small files that are named on the command line. */
final class UserFile {
    private UserFile() {}

    /** {@code INVALID} if there is none, or it cannot be read. */
    static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw ReinstateException.invalid(
                    "There is no file " + file, "it is named on the command line", "check the name");
        } catch (IOException e) {
            throw ReinstateException.invalid(
                    "The file " + file + " cannot be read", reason(e), "check that it is a file you may read");
        }
    }

    /** {@code CONFLICT} if there is such a file: nothing is overwritten. */
    static void writeNew(Path file, byte[] content) {
        try {
            Files.write(file, content, StandardOpenOption.CREATE_NEW, StandardOpenOption.SYNC);
        } catch (FileAlreadyExistsException e) {
            throw ReinstateException.conflict(
                    "There is a file " + file + " already", "nothing is overwritten", "choose another name");
        } catch (IOException e) {
            throw ReinstateException.unavailable(
                    "The file " + file + " cannot be written",
                    reason(e),
                    "check the folder and the space on its disk",
                    e);
        }
    }

    private static String reason(IOException e) {
        return e.getClass().getSimpleName();
    }
}

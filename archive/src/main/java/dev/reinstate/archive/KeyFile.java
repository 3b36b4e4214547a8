package dev.reinstate.archive;

import dev.reinstate.archive.format.EncryptionKey;
import dev.reinstate.model.ReinstateException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A master key in a small text file that can be printed and typed in again: its id is derived from the key, so a slip is
 * noticed. Thread-safe.
 */
public final class KeyFile implements MasterKey {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int ID_BYTES = 8;
    private static final int GROUP_DIGITS = 8;
    private static final Pattern ID = Pattern.compile("(?m)^id:\\s*(file:[0-9a-f]{16})\\s*$");
    private static final Pattern KEY = Pattern.compile("(?m)^key:\\s*([0-9a-fA-F -]+?)\\s*$");
    private static final FileAttribute<?>[] OWNER_ONLY = {
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
    };

    private final EncryptionKey key;
    private final String id;

    private KeyFile(EncryptionKey key) {
        this.key = key;
        byte[] derived = key.derive(new byte[0], "reinstate/key-id");
        this.id = "file:" + HexFormat.of().formatHex(derived, 0, ID_BYTES);
    }

    /**
     * Writes a new random key, readable by its owner only; {@code CONFLICT} if there is such a file, since a key that
     * something may be under is never overwritten.
     */
    public static KeyFile create(Path file, RandomGenerator random) {
        KeyFile created = new KeyFile(EncryptionKey.random(random));
        try {
            boolean isPosix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
            Files.createFile(file, isPosix ? OWNER_ONLY : new FileAttribute<?>[0]);
            Files.writeString(file, created.text(), StandardOpenOption.WRITE, StandardOpenOption.SYNC);
            return created;
        } catch (FileAlreadyExistsException e) {
            throw ReinstateException.conflict(
                    "There is a file " + file + " already",
                    "a key file is never overwritten: archives may be encrypted with it",
                    "use it, or choose another name");
        } catch (IOException e) {
            throw ReinstateException.unavailable(
                    "The key file " + file + " cannot be written",
                    reason(e),
                    "check the folder and the space on its disk",
                    e);
        }
    }

    /** {@code INVALID} if there is no such file, or it does not hold a key that fits its id. */
    public static KeyFile read(Path file) {
        try {
            return parse(Files.readString(file), file.toString());
        } catch (NoSuchFileException e) {
            throw ReinstateException.invalid(
                    "There is no key file " + file,
                    "the archive is encrypted, and its master key is kept in such a file, outside of the archive",
                    "put back the copy of it that was kept elsewhere, or name it with --key-file or REINSTATE_KEY_FILE");
        } catch (IOException e) {
            throw ReinstateException.invalid(
                    "The key file " + file + " cannot be read", reason(e), "check that it is a text file you may read");
        }
    }

    static KeyFile parse(String text, String name) {
        Matcher id = ID.matcher(text);
        Matcher key = KEY.matcher(text);
        if (!id.find() || !key.find()) {
            throw ReinstateException.invalid(
                    name + " is not a key file",
                    "it has no lines `id: file:…` and `key: …`",
                    "name the file that `reinstate init` wrote");
        }
        String digits = key.group(1).replaceAll("[ -]", "");
        if (digits.length() != EncryptionKey.BYTES * 2) {
            throw wrongKey(name, "its key has " + digits.length() + " hexadecimal digits, not 64");
        }
        KeyFile read = new KeyFile(new EncryptionKey(HexFormat.of().parseHex(digits)));
        if (!read.id.equals(id.group(1))) {
            throw wrongKey(name, "its key and its id " + id.group(1) + " do not fit");
        }
        return read;
    }

    private static ReinstateException wrongKey(String name, String why) {
        return ReinstateException.invalid(
                "The key in " + name + " is not as it was written",
                why,
                "compare it with another copy, digit by digit");
    }

    private String text() {
        return """
                # Master key of an encrypted Reinstate archive.
                # WITHOUT THIS FILE NOBODY CAN READ THE ARCHIVE, EVER. Keep a copy of it elsewhere: in a safe, on paper,
                # in a password store; never beside the archive only. Whoever has both can read all tenants' data.
                id: %s
                key: %s
                """.formatted(id, grouped(HexFormat.of().formatHex(key.bytes())));
    }

    private static String grouped(String digits) {
        StringBuilder grouped = new StringBuilder();
        for (int at = 0; at < digits.length(); at += GROUP_DIGITS) {
            grouped.append(at == 0 ? "" : "-").append(digits, at, at + GROUP_DIGITS);
        }
        return grouped.toString();
    }

    private static String reason(IOException e) {
        return e instanceof FileSystemException failure && failure.getReason() != null
                ? failure.getReason()
                : e.getClass().getSimpleName();
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public byte[] wrap(byte[] plain, String context) {
        byte[] salt = new byte[EncryptionKey.SALT_BYTES];
        RANDOM.nextBytes(salt);
        return key.seal(plain, context, salt);
    }

    @Override
    public byte[] unwrap(byte[] wrapped, String context) {
        return key.open(wrapped, context, "The wrapped archive key");
    }
}

package dev.reinstate.archive.format;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The end of a data object: its footer, and from it the schemas and the index, in one read. Thread-safe. */
public final class ObjectTail {
    static final int FOOTER_BYTES = 188;
    static final byte[] MAGIC = "RNSTEND1".getBytes(StandardCharsets.US_ASCII);
    private static final int CRC_AT = 176;
    private static final int ENCRYPTED = 1;
    private static final int TIMELINE = 0;
    private static final int DIRECTORY = 1;
    private static final int SCHEMAS = 2;
    private static final int INDEX = 3;
    private static final byte[] NOTHING = {};

    private final ObjectId id;
    private final SectionCipher cipher;
    private final Section[] sections;
    private final long records;
    private final int blocks;
    private final SchemaCodec.Schemas schemas;
    /** Until the index is decrypted. */
    private byte[] tail;

    private @Nullable IndexSection index;

    private ObjectTail(
            ObjectId id,
            SectionCipher cipher,
            Section[] sections,
            long records,
            int blocks,
            byte[] tail,
            SchemaCodec codec) {
        this.id = id;
        this.cipher = cipher;
        this.sections = sections;
        this.records = records;
        this.blocks = blocks;
        this.tail = tail;
        this.schemas = codec.readSection(unpack(SCHEMAS, tail, sections[SCHEMAS].offset));
        requireSound(INDEX, tail, sections[SCHEMAS].offset);
    }

    /**
     * Reads the tail of an object.
     *
     * @param tail the object's bytes from {@code tailOffset} to its end
     * @param keys empty if the archive is not encrypted
     */
    public static ObjectTail read(
            byte[] tail, long tailOffset, ObjectKind kind, ObjectId id, SchemaCodec codec, Optional<ObjectKeys> keys) {
        int footerAt = tail.length - FOOTER_BYTES;
        if (footerAt < 0 || !Arrays.equals(tail, tail.length - MAGIC.length, tail.length, MAGIC, 0, MAGIC.length)) {
            throw Damage.of("INV-9", "An object's footer", "it does not end with RNSTEND1");
        }
        ByteSource source = new ByteSource(tail, footerAt, FOOTER_BYTES);
        Section[] sections = new Section[4];
        for (int i = 0; i < sections.length; i++) {
            sections[i] = Section.read(source);
        }
        byte[] foundId = source.raw(ObjectId.BYTES);
        long records = source.u64();
        int blocks = source.u32();
        int version = source.u16();
        int kindCode = source.u8();
        source.skip(1);
        if (source.u32() != Checksum.crc(tail, footerAt, CRC_AT)) {
            throw Damage.of("INV-9", "An object's footer", "its checksum does not match");
        }
        if (version != ObjectHeader.VERSION || ObjectKind.ofCode(kindCode) != kind) {
            throw Damage.of("INV-3", "An object's footer", "it is not of the kind and version the manifest names");
        }
        if (!Arrays.equals(foundId, id.bytes())) {
            throw Damage.of("INV-3", "An object's footer", "it is another object than the manifest names");
        }
        requireContiguous(sections, tailOffset, footerAt);
        return new ObjectTail(id, new SectionCipher(keys, id), sections, records, blocks, tail, codec);
    }

    private static void requireContiguous(Section[] sections, long tailOffset, int footerAt) {
        for (int i = 1; i < sections.length; i++) {
            if (sections[i].offset != sections[i - 1].end()) {
                throw Damage.of("INV-9", "An object's footer", "its sections do not follow one another");
            }
        }
        if (sections[SCHEMAS].offset != tailOffset || sections[INDEX].end() != tailOffset + footerAt) {
            throw Damage.of("INV-9", "An object's footer", "its sections are not where the manifest says");
        }
    }

    private byte[] unpack(int number, byte[] bytes, long offsetOfBytes) {
        int at = requireSound(number, bytes, offsetOfBytes);
        Section section = sections[number];
        if (section.encrypted != cipher.encrypts()) {
            throw Damage.of("INV-20", "Section " + number, "only one of it and its archive is encrypted");
        }
        return cipher.unpack(number, section.codec, section.rawLength, bytes, at, section.storedLength);
    }

    /** Where the section begins in the bytes, whose checksum matches. */
    private int requireSound(int number, byte[] bytes, long offsetOfBytes) {
        int at = Math.toIntExact(sections[number].offset - offsetOfBytes);
        sections[number].requireSound(id, number, bytes, at);
        return at;
    }

    public SchemaCodec.Schemas schemas() {
        return schemas;
    }

    /** Decrypted when it is first asked for: who only reads the directory does without. */
    public synchronized IndexSection index() {
        IndexSection known = index == null ? new IndexSection(unpack(INDEX, tail, sections[SCHEMAS].offset)) : index;
        index = known;
        tail = NOTHING;
        return known;
    }

    public long records() {
        return records;
    }

    public int blocks() {
        return blocks;
    }

    /** Where the blocks end and the timeline section begins. */
    public long timelineOffset() {
        return sections[TIMELINE].offset;
    }

    public int timelineLength() {
        return sections[TIMELINE].storedLength;
    }

    public long directoryOffset() {
        return sections[DIRECTORY].offset;
    }

    public int directoryLength() {
        return sections[DIRECTORY].storedLength;
    }

    public CommitTable timeline(byte[] stored) {
        ByteSource source = new ByteSource(unpack(TIMELINE, stored, timelineOffset()));
        CommitTable commits = CommitTable.read(source);
        source.requireEnd("A timeline section");
        return commits;
    }

    public Directory directory(byte[] stored) {
        return Directory.read(rawDirectory(stored));
    }

    public byte[] rawDirectory(byte[] stored) {
        return unpack(DIRECTORY, stored, directoryOffset());
    }

    private record Section(long offset, int storedLength, int rawLength, int crc, int codec, boolean encrypted) {
        static Section read(ByteSource source) {
            long offset = source.u64();
            int storedLength = source.u32();
            int rawLength = source.u32();
            int crc = source.u32();
            int codec = source.u8();
            int flags = source.u8();
            long reserved = source.u16() | source.u64() | source.u32();
            if (flags > ENCRYPTED || reserved != 0) {
                throw Damage.of("INV-9", "A section", "it is stored in a way which this program does not know");
            }
            return new Section(offset, storedLength, rawLength, crc, codec, flags == ENCRYPTED);
        }

        long end() {
            return offset + storedLength;
        }

        void requireSound(ObjectId id, int number, byte[] bytes, int at) {
            if (at < 0 || storedLength < 0 || rawLength < 0 || at + storedLength > bytes.length) {
                throw Damage.of("INV-9", "Section " + number, "it lies outside of its object");
            }
            if (Checksum.crcOfSection(id.bytes(), number, bytes, at, storedLength) != crc) {
                throw Damage.of("INV-9", "Section " + number, "its checksum does not match");
            }
        }
    }
}

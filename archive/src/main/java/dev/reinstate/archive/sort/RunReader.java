package dev.reinstate.archive.sort;

import dev.reinstate.archive.format.ByteSource;
import dev.reinstate.archive.format.PartitionLabel;
import dev.reinstate.archive.format.RawRecord;
import java.io.IOException;

/**
 * Reads a run, frame by frame; a record points into its frame. A large tuple is read only when it is wanted: of many
 * runs being merged, each may stand at a row of 64 MB.
 */
final class RunReader {
    static final int END = 0;
    static final int SAME_GROUP = 1;
    static final int NEW_GROUP = 2;
    private static final int KEPT_BYTES = 4 * RunWriter.FRAME_BYTES;

    private final RunFile file;
    private final FrameReader frames;
    private final RawRecord record = new RawRecord();
    private long position;
    private byte[] frame = new byte[2 * RunWriter.FRAME_BYTES];
    private ByteSource source = new ByteSource(frame, 0, 0);
    private boolean tuplePending;

    RunReader(RunFile file, FrameReader frames) {
        this.file = file;
        this.frames = frames;
    }

    RawRecord record() {
        return record;
    }

    /** Moves to the next record, whose tuple is not there before {@link #loadTuple}. */
    boolean next() throws IOException {
        if (tuplePending) {
            skipTuple();
        }
        record.dropTuple();
        record.tupleIsUnshared = false;
        if (source.remaining() == 0) {
            readFrame();
        }
        int mark = source.u8();
        if (mark == END) {
            return false;
        }
        if (mark == NEW_GROUP) {
            readGroup();
        }
        record.lsn = source.u64();
        record.ordinal = source.u64();
        record.schema = source.u32();
        record.commit = source.u32();
        record.operation = (byte) source.u8();
        record.keyLength = source.u32();
        record.tupleLength = source.u32();
        record.keyBytes = frame;
        record.keyOffset = source.position();
        source.skip(record.keyLength);
        tuplePending = record.tupleLength > RunWriter.FRAME_BYTES;
        if (!tuplePending) {
            record.tupleBytes = frame;
            record.tupleOffset = source.position();
            source.skip(record.tupleLength);
        }
        return true;
    }

    private void readFrame() throws IOException {
        FrameReader.Frame next = frames.find(file, position);
        if (frame.length < next.rawLength() || frame.length > KEPT_BYTES) {
            frame = new byte[Math.max(next.rawLength(), 2 * RunWriter.FRAME_BYTES)];
        }
        frames.read(file, next, frame, 0);
        source = new ByteSource(frame, 0, next.rawLength());
        position = next.end();
    }

    private void readGroup() {
        record.tokenHigh = source.u64();
        record.tokenLow = source.u64();
        record.oid = source.u32();
        record.partition = PartitionLabel.read(new ByteSource(source.raw(source.u32())));
    }

    private void skipTuple() throws IOException {
        tuplePending = false;
        long left = record.tupleLength;
        while (left > 0) {
            FrameReader.Frame skipped = frames.find(file, position);
            left -= skipped.rawLength();
            position = skipped.end();
        }
    }

    void loadTuple() throws IOException {
        if (!tuplePending) {
            return;
        }
        tuplePending = false;
        byte[] large = new byte[record.tupleLength]; // not kept beyond this record
        int at = 0;
        while (at < large.length) {
            FrameReader.Frame next = frames.find(file, position);
            frames.read(file, next, large, at);
            at += next.rawLength();
            position = next.end();
        }
        record.tuple(large);
        record.tupleIsUnshared = true;
    }
}

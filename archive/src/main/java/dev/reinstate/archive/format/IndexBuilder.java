package dev.reinstate.archive.format;

import java.util.Arrays;

/** Gathers the index section: where partitions' blocks lie, known only once they are written. Not thread-safe. */
final class IndexBuilder {
    private long[] blockOffsets = new long[64];
    private int blocks;
    private long[] tokens = new long[64];
    private int[] ends = new int[32];
    private int partitions;

    /** The next block begins there. */
    void beginBlock(long offset) {
        if (blocks == blockOffsets.length) {
            blockOffsets = Arrays.copyOf(blockOffsets, blocks * 2);
        }
        blockOffsets[blocks++] = offset;
    }

    /** The partition after the one before; its blocks need not be written yet. */
    void endPartition(Token token, int endBlock) {
        if (partitions == ends.length) {
            ends = Arrays.copyOf(ends, partitions * 2);
            tokens = Arrays.copyOf(tokens, partitions * 4);
        }
        tokens[2 * partitions] = token.high();
        tokens[2 * partitions + 1] = token.low();
        ends[partitions++] = endBlock;
    }

    /** The section, once all blocks are written. */
    ByteSink finish(long endOffset) {
        ByteSink section = new ByteSink(4096);
        int first = 0;
        for (int i = 0; i < partitions; i++) {
            int end = ends[i];
            long from = offsetOf(first, endOffset);
            new IndexSection.Entry(
                            new Token(tokens[2 * i], tokens[2 * i + 1]),
                            from,
                            offsetOf(end, endOffset) - from,
                            first,
                            end - first)
                    .write(section);
            first = end;
        }
        return section;
    }

    private long offsetOf(int block, long endOffset) {
        return block == blocks ? endOffset : blockOffsets[block];
    }
}

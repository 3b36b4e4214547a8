package dev.reinstate.archive.format;

/** Where an object's bytes go. */
@FunctionalInterface
public interface ByteOutput {
    void write(byte[] bytes, int offset, int length);
}

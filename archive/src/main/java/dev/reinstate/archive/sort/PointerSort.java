package dev.reinstate.archive.sort;

/**
 * Merge sort over parallel arrays of pointers and key prefixes: stable, never quadratic, and quick on runs that are
 * sorted already, which captured rows often are.
 */
final class PointerSort {
    /** Compares what two pointers point to. */
    @FunctionalInterface
    interface Order {
        int compare(long pointer, long other);
    }

    private static final int INSERTION_SIZE = 16;

    private final long[] pointers;
    private final long[] prefixes;
    private final long[] sparePointers;
    private final long[] sparePrefixes;
    private final Order order;

    PointerSort(long[] pointers, long[] prefixes, long[] sparePointers, long[] sparePrefixes, Order order) {
        this.pointers = pointers;
        this.prefixes = prefixes;
        this.sparePointers = sparePointers;
        this.sparePrefixes = sparePrefixes;
        this.order = order;
    }

    void sort(int begin, int end) {
        if (end - begin <= INSERTION_SIZE) {
            insertionSort(begin, end);
            return;
        }
        int middle = (begin + end) >>> 1;
        sort(begin, middle);
        sort(middle, end);
        if (compare(prefixes[middle - 1], pointers[middle - 1], prefixes[middle], pointers[middle]) > 0) {
            merge(begin, middle, end);
        }
    }

    private void insertionSort(int begin, int end) {
        for (int i = begin + 1; i < end; i++) {
            long pointer = pointers[i];
            long prefix = prefixes[i];
            int hole = i;
            while (hole > begin && compare(prefixes[hole - 1], pointers[hole - 1], prefix, pointer) > 0) {
                pointers[hole] = pointers[hole - 1];
                prefixes[hole] = prefixes[hole - 1];
                hole--;
            }
            pointers[hole] = pointer;
            prefixes[hole] = prefix;
        }
    }

    private void merge(int begin, int middle, int end) {
        int leftSize = middle - begin;
        System.arraycopy(pointers, begin, sparePointers, begin, leftSize);
        System.arraycopy(prefixes, begin, sparePrefixes, begin, leftSize);
        int left = begin;
        int right = middle;
        int to = begin;
        while (left < middle && right < end) {
            boolean takeLeft = compare(sparePrefixes[left], sparePointers[left], prefixes[right], pointers[right]) <= 0;
            if (takeLeft) {
                pointers[to] = sparePointers[left];
                prefixes[to++] = sparePrefixes[left++];
            } else {
                pointers[to] = pointers[right];
                prefixes[to++] = prefixes[right++];
            }
        }
        System.arraycopy(sparePointers, left, pointers, to, middle - left);
        System.arraycopy(sparePrefixes, left, prefixes, to, middle - left);
    }

    private int compare(long prefix, long pointer, long otherPrefix, long otherPointer) {
        int byPrefix = Long.compareUnsigned(prefix, otherPrefix);
        return byPrefix != 0 ? byPrefix : order.compare(pointer, otherPointer);
    }
}

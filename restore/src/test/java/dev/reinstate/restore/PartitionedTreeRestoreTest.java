package dev.reinstate.restore;

import java.util.List;

/** The same where remarks are in the parts of a table: a remark and the one that it is on may be in any two. */
class PartitionedTreeRestoreTest extends TreeRestoreTest {
    @Override
    String parts() {
        return """
             PARTITION BY HASH (id);
            CREATE TABLE public.remark_a PARTITION OF public.remark FOR VALUES WITH (MODULUS 3, REMAINDER 0);
            CREATE TABLE public.remark_b PARTITION OF public.remark FOR VALUES WITH (MODULUS 3, REMAINDER 1);
            CREATE TABLE public.remark_c PARTITION OF public.remark FOR VALUES WITH (MODULUS 3, REMAINDER 2);
            """;
    }

    @Override
    List<String> remarkTables() {
        return List.of("remark_a", "remark_b", "remark_c");
    }
}

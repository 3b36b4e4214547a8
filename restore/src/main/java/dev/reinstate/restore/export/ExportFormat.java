package dev.reinstate.restore.export;

/** What exported rows are written as. */
public enum ExportFormat {
    /** One file of COPY blocks that psql loads, referenced tables first as far as the tenancy map knows them. */
    SQL,
    /** One file a table, as RFC 4180 has it, with a header; NULL is an empty field, an empty text is {@code ""}. */
    CSV,
    /** One file a table, one JSON object a line. */
    JSON
}

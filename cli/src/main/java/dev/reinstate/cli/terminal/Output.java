package dev.reinstate.cli.terminal;

/** How a verb says what it found: a document for scripts or text for people, never both on standard output. */
public record Output(Terminal terminal, JsonPrinter json) {
    /** Prints the document when asked for JSON, otherwise runs what prints the text. */
    public void result(boolean asJson, Object document, Runnable text) {
        if (asJson) {
            json.print(terminal.out(), document);
        } else {
            text.run();
        }
    }

    public void table(TextTable table) {
        terminal.line(String.join(System.lineSeparator(), table.lines()));
    }

    public void heading(String text) {
        terminal.line(terminal.onOut(Terminal.Style.BOLD, text));
    }
}

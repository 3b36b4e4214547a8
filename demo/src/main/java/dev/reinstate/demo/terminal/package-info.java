/** What the demo prints: headings, plain lines, progress bars and tables. Escapes go only to a terminal. */
@NullMarked
package dev.reinstate.demo.terminal;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.reinstate.archive.manifest;

import org.jspecify.annotations.NullMarked;

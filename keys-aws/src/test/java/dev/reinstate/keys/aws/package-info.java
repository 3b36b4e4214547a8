@NullMarked
package dev.reinstate.keys.aws;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.reinstate.demo;

import org.jspecify.annotations.NullMarked;

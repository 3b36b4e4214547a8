/** Master keys that never leave AWS Key Management Service: it wraps and unwraps an archive's key by itself. */
@NullMarked
package dev.reinstate.keys.aws;

import org.jspecify.annotations.NullMarked;

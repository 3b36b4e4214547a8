/** A server that speaks as much of S3 as the store uses, with faults to order, and what the store does with it. */
@NullMarked
package dev.reinstate.objectstore.s3;

import org.jspecify.annotations.NullMarked;

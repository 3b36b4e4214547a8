/**
 * Objects in S3, and in what speaks its protocol.
 *
 * <ol>
 *   <li>{@link dev.reinstate.objectstore.s3.S3Location} says where, {@link dev.reinstate.objectstore.s3.S3Settings} how,
 *       {@link dev.reinstate.objectstore.s3.S3ObjectStore} does it. Credentials come from the SDK's default chain and
 *       are known to nothing else.
 *   <li>{@link dev.reinstate.objectstore.s3.S3ObjectWriter} publishes with {@code If-None-Match: *}: in one request, or,
 *       when large, in parts, of which one is in memory at a time.
 *   <li>{@link dev.reinstate.objectstore.s3.BucketChecks} tries, before the first write, whether the server keeps that
 *       condition, and looks whether the bucket locks what it should: what cannot be done is refused, not assumed.
 *   <li>{@link dev.reinstate.objectstore.s3.Retries} is the only one who tries again, so that it is always known whether
 *       an attempt whose answer was lost may have come through. What came through is recognised by a random name that
 *       every object carries in its metadata.
 * </ol>
 *
 * <p>An interruption leaves at most the parts of an upload, which are no object and are removed by {@link
 * dev.reinstate.objectstore.ObjectStore#removeUnfinished} (or by a lifecycle rule of the bucket).
 */
@NullMarked
package dev.reinstate.objectstore.s3;

import org.jspecify.annotations.NullMarked;

/**
 * The chain of manifests as data: {@link dev.reinstate.archive.manifest.Entry} is what one adds, {@link
 * dev.reinstate.archive.manifest.History} what they add up to, {@link dev.reinstate.archive.manifest.ManifestJson} and
 * {@link dev.reinstate.archive.manifest.CheckpointJson} how both are written. Pure: no input or output.
 */
@NullMarked
package dev.reinstate.archive.manifest;

import org.jspecify.annotations.NullMarked;

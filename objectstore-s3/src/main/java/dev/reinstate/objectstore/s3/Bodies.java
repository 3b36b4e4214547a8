package dev.reinstate.objectstore.s3;

import java.io.ByteArrayInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import software.amazon.awssdk.core.sync.RequestBody;

/** Bytes as requests carry them: not copied, readable again for another attempt, with the MD5 that guards them. */
final class Bodies {
    private static final String MEDIA_TYPE = "application/octet-stream";

    private Bodies() {}

    static RequestBody of(byte[] bytes, int length) {
        return RequestBody.fromContentProvider(() -> new ByteArrayInputStream(bytes, 0, length), length, MEDIA_TYPE);
    }

    /** As the header Content-MD5 wants it. */
    static String md5(byte[] bytes, int length) {
        MessageDigest digest = newMd5();
        digest.update(bytes, 0, length);
        return Base64.getEncoder().encodeToString(digest.digest());
    }

    static MessageDigest newMd5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has MD5", e);
        }
    }
}

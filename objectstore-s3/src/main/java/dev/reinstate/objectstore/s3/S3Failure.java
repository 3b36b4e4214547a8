package dev.reinstate.objectstore.s3;

import dev.reinstate.objectstore.ObjectStoreException;
import java.io.EOFException;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** What a failed request means. Messages of server and SDK are not repeated: only codes, which hold no secrets. */
final class S3Failure {
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;
    private static final int PRECONDITION_FAILED = 412;
    private static final int RANGE = 416;
    private static final int TOO_MANY = 429;
    private static final int SERVER_ERROR = 500;
    private static final int NOT_IMPLEMENTED = 501;
    private static final int OVERLOADED = 503;
    private static final Set<Integer> REFUSED = Set.of(401, 403);
    private static final Set<String> LATER = Set.of(
            "RequestTimeout", "RequestTimeTooSkewed", "SlowDown", "Throttling", "ThrottlingException", "BadDigest");

    private S3Failure() {}

    static int status(SdkException e) {
        return e instanceof SdkServiceException service ? service.statusCode() : 0;
    }

    static String code(SdkException e) {
        AwsErrorDetails details = e instanceof S3Exception s3 ? s3.awsErrorDetails() : null;
        return details == null || details.errorCode() == null ? "" : details.errorCode();
    }

    static boolean isAbsent(SdkException e) {
        return status(e) == NOT_FOUND && !code(e).equals("NoSuchBucket");
    }

    static boolean isTaken(SdkException e) {
        return status(e) == PRECONDITION_FAILED;
    }

    static boolean isOutOfRange(SdkException e) {
        return status(e) == RANGE;
    }

    /** Whether the server says that it does not know such a request at all. */
    static boolean isUnknownToServer(SdkException e) {
        return status(e) == NOT_IMPLEMENTED || status(e) == 405 || code(e).equals("NotImplemented");
    }

    static boolean isOverload(SdkException e) {
        return status(e) == OVERLOADED || status(e) == TOO_MANY || code(e).equals("SlowDown");
    }

    /**
     * Whether the same request may work soon. A conflict (409) says that others wrote the key at the same moment, not
     * that it is taken.
     */
    static boolean mayWorkLater(SdkException e) {
        if (e instanceof AbortedException) {
            return false;
        }
        if (e instanceof SdkClientException) {
            return cause(e, IOException.class).isPresent();
        }
        int status = status(e);
        return (status >= SERVER_ERROR && status != NOT_IMPLEMENTED)
                || status == TOO_MANY
                || status == CONFLICT
                || status == 408
                || LATER.contains(code(e));
    }

    /** Whether the request may have been done although it failed. */
    static boolean mayBeDone(SdkException e) {
        return e instanceof SdkClientException || status(e) >= SERVER_ERROR;
    }

    /** An answer that does not hold what it announces. */
    static SdkException cutOff() {
        return SdkClientException.create("cut off", new EOFException("the answer was cut off"));
    }

    static ObjectStoreException of(String what, SdkException e, int attempts) {
        String tries = attempts == 1 ? "" : ", " + attempts + " times";
        if (e instanceof SdkClientException && cause(e, IOException.class).isEmpty()) {
            return e instanceof AbortedException
                    ? unavailable(what, "it was interrupted", "try again", e)
                    : unavailable(
                            what,
                            "the request could not be made: no credentials, or no region",
                            "give credentials as every AWS tool takes them (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY,"
                                    + " AWS_PROFILE, or a role), and a region",
                            e);
        }
        if (e instanceof SdkClientException) {
            String reason = cause(e, IOException.class).map(S3Failure::reason).orElse("");
            return unavailable(what, "the server was not reached" + reason + tries, "look at the network", e);
        }
        String answer = "the server answered " + status(e) + (code(e).isEmpty() ? "" : " " + code(e)) + tries;
        if (REFUSED.contains(status(e))) {
            return unavailable(what, answer, "check the credentials and their permissions on this bucket", e);
        }
        if (code(e).equals("NoSuchBucket")) {
            return unavailable(what, answer, "make the bucket, or correct its name", e);
        }
        return unavailable(what, answer, "try again; if it stays so, look at the server", e);
    }

    private static ObjectStoreException unavailable(String what, String why, String next, SdkException cause) {
        return new ObjectStoreException(ObjectStoreException.Kind.UNAVAILABLE, what, why, next, cause);
    }

    /** What network errors say names hosts and ports only. */
    private static String reason(IOException e) {
        String message = e.getMessage();
        boolean harmless = e.getClass().getName().startsWith("java.net.");
        return " (" + e.getClass().getSimpleName() + (harmless && message != null ? ": " + message : "") + ")";
    }

    private static <T extends Throwable> Optional<T> cause(Throwable thrown, Class<T> type) {
        @Nullable Throwable at = thrown;
        for (int depth = 0; at != null && depth < 20; depth++) {
            if (type.isInstance(at)) {
                return Optional.of(type.cast(at));
            }
            at = at.getCause();
        }
        return Optional.empty();
    }
}

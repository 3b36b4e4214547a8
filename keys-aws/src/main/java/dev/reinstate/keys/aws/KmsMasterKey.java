package dev.reinstate.keys.aws;

import dev.reinstate.archive.MasterKey;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.KmsClientBuilder;

/**
 * A symmetric key of AWS KMS. The calls are {@code kms:Encrypt} when an archive is made or its master key is changed, and
 * {@code kms:Decrypt} when it is opened; the context is the encryption context, so that it stands in CloudTrail and can
 * be a condition of a policy. Credentials are found as AWS's own tools find them. Thread-safe.
 */
public final class KmsMasterKey implements MasterKey {
    private static final String CONTEXT = "reinstate";
    private static final Pattern ARN = Pattern.compile("arn:[a-z-]+:kms:([a-z0-9-]+):\\d{12}:key/[A-Za-z0-9-]+");

    private final String arn;
    private final String region;
    private final AwsCredentialsProvider credentials;
    private final Optional<URI> endpoint;

    private KmsMasterKey(String arn, String region, AwsCredentialsProvider credentials, Optional<URI> endpoint) {
        this.arn = arn;
        this.region = region;
        this.credentials = credentials;
        this.endpoint = endpoint;
    }

    /** {@code INVALID} unless it is the ARN of a key: an alias may stand for another key tomorrow. */
    public static KmsMasterKey of(String arn) {
        return of(arn, DefaultCredentialsProvider.builder().build(), Optional.empty());
    }

    static KmsMasterKey of(String arn, AwsCredentialsProvider credentials, Optional<URI> endpoint) {
        return new KmsMasterKey(arn, regionOf(arn), credentials, endpoint);
    }

    /** The region of a key's ARN; {@code INVALID} if it is none. */
    public static String regionOf(String arn) {
        Matcher matcher = ARN.matcher(arn);
        if (!matcher.matches()) {
            throw ReinstateException.invalid(
                    "\"" + arn + "\" is not the ARN of a KMS key",
                    "a key is named by its own ARN, since an alias may stand for another one tomorrow",
                    "write it as arn:aws:kms:REGION:ACCOUNT:key/ID");
        }
        return matcher.group(1);
    }

    @Override
    public String id() {
        return arn;
    }

    @Override
    public byte[] wrap(byte[] key, String context) {
        return call(kms -> kms.encrypt(request -> request.keyId(arn)
                        .plaintext(SdkBytes.fromByteArray(key))
                        .encryptionContext(Map.of(CONTEXT, context)))
                .ciphertextBlob()
                .asByteArray());
    }

    @Override
    public byte[] unwrap(byte[] wrapped, String context) {
        return call(kms -> kms.decrypt(request -> request.keyId(arn)
                        .ciphertextBlob(SdkBytes.fromByteArray(wrapped))
                        .encryptionContext(Map.of(CONTEXT, context)))
                .plaintext()
                .asByteArray());
    }

    private byte[] call(Function<KmsClient, byte[]> call) {
        KmsClientBuilder builder = KmsClient.builder()
                .region(Region.of(region))
                .credentialsProvider(credentials)
                .httpClientBuilder(UrlConnectionHttpClient.builder());
        endpoint.ifPresent(builder::endpointOverride);
        try (KmsClient kms = builder.build()) {
            return call.apply(kms);
        } catch (AwsServiceException e) {
            String code = e.awsErrorDetails() == null ? "" : e.awsErrorDetails().errorCode();
            throw failure(kindOf(code), code + ", request " + e.requestId(), e);
        } catch (SdkException e) {
            throw failure(FailureKind.UNAVAILABLE, String.valueOf(e.getMessage()), e);
        }
    }

    private static FailureKind kindOf(String code) {
        return switch (code) {
            case "InvalidCiphertextException", "IncorrectKeyException" -> FailureKind.DAMAGED;
            case "AccessDeniedException", "DisabledException", "KMSInvalidStateException", "NotFoundException" ->
                FailureKind.REFUSED;
            default -> FailureKind.UNAVAILABLE;
        };
    }

    /** Tells the service's code and request, never what was sent. */
    private ReinstateException failure(FailureKind kind, String why, SdkException e) {
        String next = kind == FailureKind.DAMAGED
                ? "put back the keyring that was written with this key"
                : kind == FailureKind.REFUSED
                        ? "have the key enabled, and kms:Decrypt and kms:Encrypt allowed"
                        : "check credentials and network, then try again";
        return new ReinstateException(kind, "KMS did not use the key " + arn, why, next, List.of(), e);
    }
}

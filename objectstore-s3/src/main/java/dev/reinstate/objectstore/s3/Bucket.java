package dev.reinstate.objectstore.s3;

import java.net.URI;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;

/** The way to one bucket: the client, who tries again, and where our keys are in it. */
record Bucket(S3Client client, Retries retries, S3Location location) implements AutoCloseable {
    /** Where a region must be named and means nothing. */
    private static final String ANY_REGION = "us-east-1";

    static Bucket open(S3Location location, S3Settings settings) {
        S3ClientBuilder builder = S3Client.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(settings.connectTimeout())
                        .socketTimeout(settings.readTimeout()))
                .credentialsProvider(DefaultCredentialsProvider.builder().build())
                .forcePathStyle(location.pathStyle())
                // every body carries its MD5, which all servers know; the newer checksums many do not
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .serviceConfiguration(S3Configuration.builder()
                        .chunkedEncodingEnabled(false)
                        .expectContinueEnabled(false)
                        .build())
                .overrideConfiguration(override -> override.retryStrategy(AwsRetryStrategy.doNotRetry()));
        location.endpoint().ifPresent(endpoint -> setEndpoint(builder, endpoint));
        location.region().map(Region::of).ifPresent(builder::region);
        Retries retries = new Retries(settings.retries());
        // without a region in environment and profile, building fails: said as every other failure
        return new Bucket(retries.call("Opening " + location, builder::build), retries, location);
    }

    private static void setEndpoint(S3ClientBuilder builder, URI endpoint) {
        builder.endpointOverride(endpoint).region(Region.of(ANY_REGION));
    }

    String name() {
        return location.bucket();
    }

    /** The key in the bucket. */
    String full(String key) {
        return location.keyPrefix() + key;
    }

    /** The key in the store; what the bucket says. */
    String own(String fullKey) {
        return fullKey.substring(location.keyPrefix().length());
    }

    /** Gives an upload up. If that fails, its parts stay until they are removed as unfinished. */
    void abandon(String key, String uploadId) {
        try {
            client.abortMultipartUpload(
                    abort -> abort.bucket(name()).key(full(key)).uploadId(uploadId));
        } catch (SdkException e) {
            // What the upload was for has been decided already.
        }
    }

    @Override
    public void close() {
        client.close();
    }
}

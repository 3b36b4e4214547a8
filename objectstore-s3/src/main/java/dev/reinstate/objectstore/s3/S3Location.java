package dev.reinstate.objectstore.s3;

import dev.reinstate.objectstore.ObjectStoreException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place in S3: {@code s3://bucket/prefix?endpoint=https://host&region=name&path-style=true}, all but the bucket
 * optional. Holds no credentials.
 *
 * @param prefix what every key is put under, without slashes at its ends; may be empty
 * @param endpoint of a server that is not Amazon's
 * @param region empty for the one of the environment or profile, {@code us-east-1} with an endpoint
 * @param pathStyle whether the bucket stands in the path instead of the host's name
 */
public record S3Location(
        String bucket, String prefix, Optional<URI> endpoint, Optional<String> region, boolean pathStyle) {
    public static final String SCHEME = "s3://";

    private static final Pattern FORM = Pattern.compile("s3://([^/?#]*)(/[^?#]*)?(?:\\?([^#]*))?");
    private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
    private static final Pattern PREFIX =
            Pattern.compile("([A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*)?");
    private static final Pattern REGION = Pattern.compile("[a-z0-9-]{1,40}");
    private static final int LONGEST_PREFIX = 400;

    public S3Location {
        require(BUCKET.matcher(bucket).matches(), "the bucket", "must be 3 to 63 of a-z 0-9 . -");
        require(
                PREFIX.matcher(prefix).matches() && prefix.length() <= LONGEST_PREFIX,
                "the prefix",
                "must be at most 400 of a-z A-Z 0-9 . _ - in parts divided by /, none beginning with a dot");
        region.ifPresent(name -> require(REGION.matcher(name).matches(), "the region", "must be of a-z 0-9 -"));
        endpoint.ifPresent(S3Location::requireEndpoint);
    }

    private static void requireEndpoint(URI endpoint) {
        boolean http = "http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme());
        require(
                http
                        && endpoint.getHost() != null
                        && endpoint.getRawUserInfo() == null
                        && endpoint.getRawQuery() == null,
                "the endpoint",
                "must be http:// or https:// with a host, and no credentials");
    }

    /** Reads its text; {@code INVALID} if it is not one. */
    public static S3Location parse(String text) {
        Matcher form = FORM.matcher(text);
        require(form.matches(), "the location", "is not of the form s3://bucket/prefix");
        String path = Optional.ofNullable(form.group(2)).orElse("");
        S3Location location =
                new S3Location(form.group(1), path.replaceAll("^/|/$", ""), Optional.empty(), Optional.empty(), false);
        for (String parameter : Optional.ofNullable(form.group(3)).orElse("").split("&", -1)) {
            location = parameter.isEmpty() ? location : location.with(parameter);
        }
        return location;
    }

    private S3Location with(String parameter) {
        int equals = parameter.indexOf('=');
        String name = equals < 0 ? parameter : parameter.substring(0, equals);
        String value = equals < 0 ? "" : URLDecoder.decode(parameter.substring(equals + 1), StandardCharsets.UTF_8);
        return switch (name) {
            case "endpoint" -> withEndpoint(value);
            case "region" -> new S3Location(bucket, prefix, endpoint, Optional.of(value), pathStyle);
            case "path-style" -> {
                require(value.equals("true") || value.equals("false"), "path-style", "is true or false");
                yield new S3Location(bucket, prefix, endpoint, region, value.equals("true"));
            }
            default ->
                // not repeated: somebody may have tried to put a secret there
                throw ObjectStoreException.invalid(
                        "A parameter of the location is not known", "known are endpoint, region and path-style");
        };
    }

    /** The same with that endpoint; {@code INVALID} if it cannot be one. */
    public S3Location withEndpoint(String url) {
        try {
            return new S3Location(bucket, prefix, Optional.of(new URI(url)), region, pathStyle);
        } catch (URISyntaxException e) {
            throw ObjectStoreException.invalid(
                    "The endpoint is not a URL", "it must be http:// or https:// with a host");
        }
    }

    private static void require(boolean holds, String what, String why) {
        if (!holds) {
            throw ObjectStoreException.invalid("The location of a store in S3 cannot be read", what + " " + why);
        }
    }

    /** What every key begins with. */
    String keyPrefix() {
        return prefix.isEmpty() ? "" : prefix + "/";
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        List<String> parameters = new ArrayList<>();
        endpoint.ifPresent(url -> parameters.add("endpoint=" + encoded(url.toString())));
        region.ifPresent(name -> parameters.add("region=" + encoded(name)));
        if (pathStyle) {
            parameters.add("path-style=true");
        }
        return SCHEME
                + bucket
                + (prefix.isEmpty() ? "" : "/" + prefix)
                + (parameters.isEmpty() ? "" : "?" + String.join("&", parameters));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("%3A", ":")
                .replace("%2F", "/");
    }
}

package dev.reinstate.cli.config;

import dev.reinstate.model.ReinstateException;
import dev.reinstate.objectstore.ObjectStoreException;
import dev.reinstate.objectstore.s3.S3Location;
import java.util.Optional;

/** What the section {@code s3} says of a place in S3; it comes before what the place says itself. */
final class S3Section {
    private S3Section() {}

    static ArchivePlace applied(Section section, ArchivePlace place) {
        Optional<String> endpoint = section.optional("endpoint");
        Optional<String> region = section.optional("region");
        Optional<String> pathStyle = section.optional("pathStyle");
        section.check(
                "pathStyle",
                pathStyle.filter(text -> !text.matches("true|false")).isEmpty(),
                "is true or false");
        Optional<ArchivePlace.Lock> lock = lock(section.optionalSection("objectLock"));
        section.rejectOthers();
        if (!(place instanceof ArchivePlace.Bucket bucket)) {
            boolean empty = endpoint.isEmpty() && region.isEmpty() && pathStyle.isEmpty() && lock.isEmpty();
            section.check("endpoint", empty, "means nothing: the archive is not in S3 but in a folder");
            return place;
        }
        S3Location at = bucket.location();
        return section.converted("endpoint", endpoint.orElse(""), url -> located(at, url, region, pathStyle))
                .map(location -> new ArchivePlace.Bucket(location, lock))
                .orElse(bucket);
    }

    private static S3Location located(
            S3Location at, String endpoint, Optional<String> region, Optional<String> pathStyle) {
        try {
            S3Location reached = endpoint.isEmpty() ? at : at.withEndpoint(endpoint);
            return new S3Location(
                    reached.bucket(),
                    reached.prefix(),
                    reached.endpoint(),
                    region.or(reached::region),
                    pathStyle.map(Boolean::parseBoolean).orElse(reached.pathStyle()));
        } catch (ObjectStoreException e) {
            throw ReinstateException.invalid("The server cannot be reached so", e.why(), "correct the section");
        }
    }

    private static Optional<ArchivePlace.Lock> lock(Section section) {
        Optional<String> mode = section.optional("mode");
        Optional<String> days = section.optional("days");
        section.rejectOthers();
        if (mode.isEmpty() && days.isEmpty()) {
            return Optional.empty();
        }
        return section.converted(
                "mode",
                mode.orElse(""),
                text -> ArchivePlace.Lock.of(
                        text,
                        days.filter(number -> number.matches("\\d{1,5}"))
                                .map(Integer::parseInt)
                                .orElse(0)));
    }
}

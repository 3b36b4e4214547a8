package dev.reinstate.postgres;

import dev.reinstate.model.ReinstateException;
import java.sql.SQLException;

/** Says what a server or the driver reported as what, why and what next; never with a credential or a row's value. */
@SuppressWarnings({"DoNotCallSuggester", "ObjectToString"})
public final class PostgresFailure {
    private PostgresFailure() {}

    /**
     * @param what what was being done, for example {@code Reading the catalogue of db.example:5432/app}
     */
    public static ReinstateException of(String what, SQLException cause) {
        throw new UnsupportedOperationException(what, cause);
    }
}

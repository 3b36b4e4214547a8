package dev.reinstate.model;

import java.util.Optional;

/**
 * How the names of schemas tell tenants, where each tenant has a schema of its own.
 *
 * @param text a schema's name with {@code {tenant}} once where the tenant's id stands, for example {@code tenant_{tenant}}
 */
public record SchemaPattern(String text) {
    private static final String TENANT = "{tenant}";

    public SchemaPattern {
        int at = text.indexOf(TENANT);
        if (at < 0 || text.indexOf(TENANT, at + 1) >= 0) {
            throw ReinstateException.invalid(
                    "\"" + text + "\" is no pattern of tenants' schemas",
                    "it must hold " + TENANT + " once, where the tenant's id stands in the schema's name",
                    "write it as tenant_" + TENANT);
        }
    }

    /** The tenant whose schema it is; empty for a schema that is no tenant's. */
    public Optional<TenantId> tenantOf(String schema) {
        int at = text.indexOf(TENANT);
        String before = text.substring(0, at);
        String after = text.substring(at + TENANT.length());
        boolean fits = schema.length() > before.length() + after.length()
                && schema.startsWith(before)
                && schema.endsWith(after);
        return fits
                ? Optional.of(new TenantId(schema.substring(before.length(), schema.length() - after.length())))
                : Optional.empty();
    }

    /** The schema of that tenant. */
    public String schemaOf(TenantId tenant) {
        return text.replace(TENANT, tenant.value());
    }

    @Override
    public String toString() {
        return text;
    }
}

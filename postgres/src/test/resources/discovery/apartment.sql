-- Apartment: a schema a company under a common prefix, copied from public, where the tables of all companies live too.
CREATE TABLE public.schema_migrations (version varchar PRIMARY KEY);
CREATE TABLE public.companies (id bigserial PRIMARY KEY, subdomain varchar NOT NULL UNIQUE);
CREATE TABLE public.users (id bigserial PRIMARY KEY, company_id bigint NOT NULL REFERENCES public.companies, email varchar);
CREATE TABLE public.projects (id bigserial PRIMARY KEY, name varchar);
CREATE TABLE public.tasks (id bigserial PRIMARY KEY, project_id bigint NOT NULL REFERENCES public.projects);
INSERT INTO public.companies VALUES (1, 'acme'), (2, 'apex'), (3, 'umbra');
INSERT INTO public.users SELECT i, 1 + i % 3 FROM generate_series(1, 9) i;
DO $$
DECLARE s text;
BEGIN
    FOREACH s IN ARRAY ARRAY['tenant_acme', 'tenant_apex', 'tenant_umbra', 'tenant_template'] LOOP
        EXECUTE format('CREATE SCHEMA %I', s);
        EXECUTE format('CREATE TABLE %I.schema_migrations (version varchar PRIMARY KEY)', s);
        EXECUTE format('CREATE TABLE %I.projects (id bigserial PRIMARY KEY, name varchar)', s);
        EXECUTE format('CREATE TABLE %1$I.tasks (id bigserial PRIMARY KEY, project_id bigint NOT NULL REFERENCES %1$I.projects)', s);
        EXECUTE format('INSERT INTO %I.projects SELECT i FROM generate_series(1, 6) i', s);
    END LOOP;
END $$;
ANALYZE;

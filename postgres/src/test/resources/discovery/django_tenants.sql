-- django-tenants: a schema a tenant, whose name stands in the tenants' table; a template schema; shared tables in public.
CREATE TABLE public.customers_client (id bigint PRIMARY KEY, schema_name varchar(63) NOT NULL UNIQUE, name varchar(100));
CREATE TABLE public.customers_domain (id bigint PRIMARY KEY, domain varchar(253) NOT NULL UNIQUE, tenant_id bigint NOT NULL REFERENCES public.customers_client);
CREATE TABLE public.django_migrations (id bigint PRIMARY KEY, app varchar(255));
CREATE TABLE public.geo_country (code varchar(2) PRIMARY KEY);
INSERT INTO public.geo_country VALUES ('DE'), ('FR');
INSERT INTO public.customers_client VALUES (1, 'public', 'all'), (2, 'acme', 'Acme'), (3, 'globex', 'Globex'), (4, 'initech', 'Initech');
INSERT INTO public.customers_domain VALUES (1, 'acme.example.com', 2), (2, 'globex.example.com', 3), (3, 'initech.example.com', 4);
DO $$
DECLARE s text;
BEGIN
    FOREACH s IN ARRAY ARRAY['acme', 'globex', 'initech'] LOOP
        EXECUTE format('CREATE SCHEMA %I', s);
        EXECUTE format('CREATE TABLE %I.django_migrations (id bigint PRIMARY KEY, app varchar(255))', s);
        EXECUTE format('CREATE TABLE %I.crm_contact (id bigint PRIMARY KEY, country_id varchar(2) NOT NULL REFERENCES public.geo_country)', s);
        EXECUTE format('CREATE TABLE %1$I.crm_note (id bigint PRIMARY KEY, contact_id bigint NOT NULL REFERENCES %1$I.crm_contact)', s);
        EXECUTE format('INSERT INTO %I.crm_contact SELECT i, CASE i %% 2 WHEN 0 THEN ''DE'' ELSE ''FR'' END FROM generate_series(1, 6) i', s);
    END LOOP;
END $$;
CREATE TABLE acme.crm_special (id bigint PRIMARY KEY);
ANALYZE;

-- Every table carries the tenant in its key (Citus and Nile style), references are (tenant_id, id); some tables do not carry it.
SET search_path = public;
CREATE TABLE country (code text PRIMARY KEY);
CREATE TABLE tenants (id uuid PRIMARY KEY, name text, country_code text NOT NULL REFERENCES country);
CREATE TABLE customers (tenant_id uuid NOT NULL REFERENCES tenants, id bigint NOT NULL, PRIMARY KEY (tenant_id, id));
CREATE TABLE orders (tenant_id uuid NOT NULL, id bigint NOT NULL, customer_id bigint NOT NULL, PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id));
CREATE TABLE order_lines (tenant_id uuid NOT NULL, order_id bigint NOT NULL, line_no int NOT NULL, PRIMARY KEY (tenant_id, order_id, line_no),
    FOREIGN KEY (tenant_id, order_id) REFERENCES orders (tenant_id, id));
CREATE TABLE shipments (shipment_no bigint PRIMARY KEY, owner uuid NOT NULL, order_id bigint NOT NULL,
    FOREIGN KEY (owner, order_id) REFERENCES orders (tenant_id, id));
CREATE TABLE parcels (id bigint PRIMARY KEY, shipment_no bigint NOT NULL REFERENCES shipments);
CREATE TABLE returns (id bigint PRIMARY KEY, tenant_id uuid, order_id bigint, FOREIGN KEY (tenant_id, order_id) REFERENCES orders (tenant_id, id));
INSERT INTO country VALUES ('DE'), ('FR');
INSERT INTO tenants SELECT ('00000000-0000-0000-0000-00000000000' || i)::uuid, 't', CASE i % 2 WHEN 0 THEN 'DE' ELSE 'FR' END FROM generate_series(1, 4) i;
INSERT INTO customers SELECT id, i FROM tenants, generate_series(1, 5) i;
INSERT INTO orders SELECT id, i, i FROM tenants, generate_series(1, 5) i;
INSERT INTO order_lines SELECT id, i, 1 FROM tenants, generate_series(1, 5) i;
INSERT INTO shipments SELECT row_number() OVER (), id, i FROM tenants, generate_series(1, 5) i;
INSERT INTO parcels SELECT i, i FROM generate_series(1, 20) i;
INSERT INTO returns SELECT row_number() OVER (), id, 1 FROM tenants;
ANALYZE;

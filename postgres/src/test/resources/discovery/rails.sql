-- A help desk as Rails applications grow: bigint ids, polymorphic associations, single-table inheritance, join tables without
-- keys, gems' tables, foreign keys added late and not everywhere. Three accounts; row i of any table is account (i % 3) + 1's.
SET search_path = public;
CREATE TABLE schema_migrations (version varchar NOT NULL PRIMARY KEY);
CREATE TABLE ar_internal_metadata (key varchar NOT NULL PRIMARY KEY, value varchar, created_at timestamp, updated_at timestamp);
CREATE TABLE sessions (id bigserial PRIMARY KEY, session_id varchar NOT NULL, data text);
CREATE TABLE good_jobs (id uuid PRIMARY KEY, queue_name text, serialized_params jsonb, finished_at timestamp);
CREATE TABLE settings (id bigserial PRIMARY KEY, var varchar NOT NULL UNIQUE, value text);

CREATE TABLE plans (id bigserial PRIMARY KEY, name varchar NOT NULL);
CREATE TABLE plan_features (id bigserial PRIMARY KEY, plan_id bigint NOT NULL REFERENCES plans, feature varchar NOT NULL);
CREATE TABLE products (id bigserial PRIMARY KEY, sku varchar NOT NULL UNIQUE);
CREATE TABLE locales (code varchar PRIMARY KEY, name varchar);
CREATE TABLE accounts (id bigserial PRIMARY KEY, name varchar NOT NULL, subdomain varchar NOT NULL UNIQUE,
    plan_id bigint NOT NULL REFERENCES plans, parent_account_id bigint REFERENCES accounts, owner_id bigint, deleted_at timestamp);
CREATE TABLE users (id bigserial PRIMARY KEY, account_id bigint NOT NULL REFERENCES accounts, type varchar, email varchar NOT NULL UNIQUE,
    encrypted_password varchar, deleted_at timestamp);
ALTER TABLE accounts ADD FOREIGN KEY (owner_id) REFERENCES users;
CREATE TABLE identities (id bigserial PRIMARY KEY, user_id bigint NOT NULL REFERENCES users, provider varchar, uid varchar);
CREATE TABLE teams (id bigserial PRIMARY KEY, account_id bigint NOT NULL REFERENCES accounts, name varchar);
CREATE TABLE teams_users (team_id bigint NOT NULL REFERENCES teams, user_id bigint NOT NULL REFERENCES users);
CREATE TABLE roles (id bigserial PRIMARY KEY, name varchar, resource_type varchar, resource_id bigint);
CREATE TABLE users_roles (user_id bigint NOT NULL REFERENCES users, role_id bigint NOT NULL REFERENCES roles);
CREATE TABLE tickets (id bigserial PRIMARY KEY, account_id bigint NOT NULL REFERENCES accounts, requester_id bigint NOT NULL REFERENCES users,
    assignee_id bigint REFERENCES users, team_id bigint REFERENCES teams, subject varchar, deleted_at timestamp);
CREATE TABLE ticket_events (id bigserial PRIMARY KEY, ticket_id bigint NOT NULL REFERENCES tickets, kind varchar);
CREATE TABLE ticket_links (id bigserial PRIMARY KEY, source_ticket_id bigint NOT NULL REFERENCES tickets,
    target_ticket_id bigint NOT NULL REFERENCES tickets);
CREATE TABLE help_centers (id bigserial PRIMARY KEY, account_id bigint NOT NULL REFERENCES accounts, title varchar);
CREATE TABLE categories (id bigserial PRIMARY KEY, help_center_id bigint NOT NULL REFERENCES help_centers, title varchar);
CREATE TABLE sections (id bigserial PRIMARY KEY, category_id bigint NOT NULL REFERENCES categories, title varchar);
CREATE TABLE articles (id bigserial PRIMARY KEY, section_id bigint NOT NULL REFERENCES sections, author_id bigint, body text);
CREATE TABLE article_translations (id bigserial PRIMARY KEY, article_id bigint NOT NULL REFERENCES articles,
    locale varchar NOT NULL REFERENCES locales, body text);
CREATE TABLE comments (id bigserial PRIMARY KEY, commentable_type varchar NOT NULL, commentable_id bigint NOT NULL, user_id bigint, body text);
CREATE INDEX index_comments_on_commentable ON comments (commentable_type, commentable_id);
CREATE TABLE notes (id bigserial PRIMARY KEY, account_id bigint NOT NULL, notable_type varchar NOT NULL, notable_id bigint NOT NULL);
CREATE TABLE tags (id bigserial PRIMARY KEY, account_id bigint NOT NULL REFERENCES accounts, name varchar);
CREATE TABLE taggings (id bigserial PRIMARY KEY, tag_id bigint NOT NULL REFERENCES tags, taggable_type varchar NOT NULL,
    taggable_id bigint NOT NULL);
CREATE TABLE versions (id bigserial PRIMARY KEY, item_type varchar NOT NULL, item_id bigint NOT NULL, event varchar NOT NULL,
    whodunnit varchar, object jsonb);
CREATE TABLE active_storage_blobs (id bigserial PRIMARY KEY, key varchar NOT NULL UNIQUE, filename varchar NOT NULL);
CREATE TABLE active_storage_attachments (id bigserial PRIMARY KEY, name varchar NOT NULL, record_type varchar NOT NULL,
    record_id bigint NOT NULL, blob_id bigint NOT NULL REFERENCES active_storage_blobs);
CREATE TABLE active_storage_variant_records (id bigserial PRIMARY KEY, blob_id bigint NOT NULL REFERENCES active_storage_blobs,
    variation_digest varchar NOT NULL);
CREATE TABLE friendly_id_slugs (id bigserial PRIMARY KEY, slug varchar NOT NULL, sluggable_id int NOT NULL, sluggable_type varchar(50) NOT NULL);
CREATE TABLE webhooks (id bigserial PRIMARY KEY, account_id bigint NOT NULL REFERENCES accounts, url varchar);
CREATE TABLE webhook_deliveries (id bigserial PRIMARY KEY, webhook_id bigint NOT NULL REFERENCES webhooks, status int);
CREATE TABLE api_keys (id bigserial PRIMARY KEY, account_id bigint NOT NULL REFERENCES accounts, user_id bigint REFERENCES users, token varchar);
CREATE TABLE audit_logs (id bigserial PRIMARY KEY, account_id bigint NOT NULL, actor_type varchar, actor_id bigint, action varchar);
CREATE TABLE subscriptions (id bigserial PRIMARY KEY, account_id bigint NOT NULL REFERENCES accounts, plan_id bigint NOT NULL REFERENCES plans);
CREATE TABLE invoices (id bigserial PRIMARY KEY, account_id bigint NOT NULL REFERENCES accounts, number varchar NOT NULL UNIQUE);
CREATE TABLE invoice_items (id bigserial PRIMARY KEY, invoice_id bigint NOT NULL REFERENCES invoices, product_id bigint NOT NULL REFERENCES products);
CREATE TABLE payments (id bigserial PRIMARY KEY, invoice_number varchar NOT NULL REFERENCES invoices (number), cents int);
CREATE TABLE oauth_applications (id bigserial PRIMARY KEY, owner_type varchar NOT NULL, owner_id bigint NOT NULL, uid varchar);
CREATE TABLE oauth_access_tokens (id bigserial PRIMARY KEY, application_id bigint NOT NULL REFERENCES oauth_applications,
    resource_owner_id bigint REFERENCES users);
CREATE TABLE announcements (id bigserial PRIMARY KEY, created_by_id bigint NOT NULL REFERENCES users, body text);
CREATE TABLE account_transfers (id bigserial PRIMARY KEY, from_account_id bigint NOT NULL REFERENCES accounts,
    to_account_id bigint NOT NULL REFERENCES accounts);
CREATE TABLE events (id bigint NOT NULL, account_id bigint NOT NULL, created_at timestamp NOT NULL, payload jsonb,
    PRIMARY KEY (id, created_at)) PARTITION BY RANGE (created_at);
CREATE TABLE events_2026_01 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE events_2026_02 PARTITION OF events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
CREATE VIEW open_tickets AS SELECT * FROM tickets WHERE deleted_at IS NULL;
CREATE MATERIALIZED VIEW ticket_counts AS SELECT account_id, count(*) FROM tickets GROUP BY 1;

INSERT INTO schema_migrations VALUES ('20260101000000');
INSERT INTO settings (var) VALUES ('maintenance');
INSERT INTO plans (name) VALUES ('free'), ('team');
INSERT INTO plan_features (plan_id, feature) VALUES (1, 'mail'), (2, 'mail'), (2, 'sso');
INSERT INTO products (sku) VALUES ('seat'), ('storage');
INSERT INTO locales VALUES ('en'), ('de');
INSERT INTO accounts SELECT i, 'account ' || i, 'a' || i, 1 + i % 2 FROM generate_series(1, 3) i;
INSERT INTO users SELECT i, 1 + i % 3, CASE i % 5 WHEN 0 THEN 'Agent' END, i || '@example.com' FROM generate_series(1, 30) i;
INSERT INTO identities SELECT i, i FROM generate_series(1, 30) i;
INSERT INTO teams SELECT i, 1 + i % 3 FROM generate_series(1, 12) i;
INSERT INTO teams_users SELECT i, i + 3 FROM generate_series(1, 12) i;
INSERT INTO roles SELECT i, 'lead', 'Team', i FROM generate_series(1, 12) i;
INSERT INTO users_roles SELECT i, i FROM generate_series(1, 12) i;
INSERT INTO tickets SELECT i, 1 + i % 3, 1 + (i + 2) % 30, CASE i % 2 WHEN 0 THEN 3 + i % 3 END, 3 + i % 3 FROM generate_series(1, 60) i;
INSERT INTO ticket_events SELECT i, i FROM generate_series(1, 60) i;
INSERT INTO ticket_links SELECT i, i, i + 3 FROM generate_series(1, 30) i;
INSERT INTO help_centers SELECT i, 1 + i % 3 FROM generate_series(1, 3) i;
INSERT INTO categories SELECT i, 1 + (i + 2) % 3 FROM generate_series(1, 9) i;
INSERT INTO sections SELECT i, 1 + (i + 8) % 9 FROM generate_series(1, 18) i;
INSERT INTO articles SELECT i, 1 + (i + 17) % 18 FROM generate_series(1, 36) i;
INSERT INTO article_translations SELECT i, 1 + (i + 35) % 36, CASE WHEN i > 36 THEN 'de' ELSE 'en' END FROM generate_series(1, 72) i;
INSERT INTO comments SELECT i, 'Ticket', i, i FROM generate_series(1, 30) i;
INSERT INTO comments SELECT 30 + i, 'Article', i, i FROM generate_series(1, 30) i;
INSERT INTO notes SELECT i, 1 + i % 3, 'Agent', 5 * i FROM generate_series(1, 6) i;
UPDATE notes SET account_id = 1 + (5 * id) % 3;
INSERT INTO tags SELECT i, 1 + i % 3 FROM generate_series(1, 9) i;
INSERT INTO taggings SELECT i, 1 + (i + 8) % 9, 'Ticket', i FROM generate_series(1, 18) i;
INSERT INTO versions SELECT i, CASE WHEN i > 20 THEN 'Ticket' ELSE 'Article' END, i, 'update', 'admin' FROM generate_series(1, 36) i;
INSERT INTO active_storage_blobs SELECT i, 'k' || i, 'f' FROM generate_series(1, 30) i;
INSERT INTO active_storage_attachments SELECT i, 'file', CASE WHEN i > 15 THEN 'Comment' ELSE 'User' END, i, i FROM generate_series(1, 30) i;
INSERT INTO active_storage_variant_records SELECT i, i, 'd' FROM generate_series(1, 10) i;
INSERT INTO friendly_id_slugs SELECT i, 's', i, 'Article' FROM generate_series(1, 36) i;
INSERT INTO webhooks SELECT i, 1 + i % 3 FROM generate_series(1, 3) i;
INSERT INTO webhook_deliveries SELECT i, 1 + (i + 2) % 3 FROM generate_series(1, 30) i;
INSERT INTO api_keys SELECT i, 1 + i % 3, CASE i % 2 WHEN 0 THEN i END FROM generate_series(1, 10) i;
INSERT INTO audit_logs SELECT i, 1 + i % 3, 'User', 1 + (i + 29) % 30 FROM generate_series(1, 90) i;
INSERT INTO subscriptions SELECT i, 1 + i % 3, 1 + i % 2 FROM generate_series(1, 3) i;
INSERT INTO invoices SELECT i, 1 + i % 3, 'R' || i FROM generate_series(1, 12) i;
INSERT INTO invoice_items SELECT i, 1 + (i + 11) % 12, 1 + i % 2 FROM generate_series(1, 24) i;
INSERT INTO payments SELECT i, 'R' || i FROM generate_series(1, 12) i;
INSERT INTO oauth_applications SELECT i, 'Account', 1 + i % 3 FROM generate_series(1, 3) i;
INSERT INTO oauth_access_tokens SELECT i, 1 + (i + 2) % 3, i FROM generate_series(1, 9) i;
INSERT INTO announcements SELECT i, i FROM generate_series(1, 3) i;
INSERT INTO account_transfers VALUES (1, 1, 2), (2, 2, 3);
INSERT INTO events SELECT i, 1 + i % 3, '2026-01-15'::timestamp + i % 2 * interval '20 days' FROM generate_series(1, 60) i;
ANALYZE;

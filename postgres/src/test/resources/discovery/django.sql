-- A project tracker as Django makes it: tables called app_model, content types, many-to-many tables of their own, a custom user
-- model, uuid and bigint keys, third-party apps. Three organisations; row i of any table is organisation (i % 3) + 1's.
SET search_path = public;
CREATE TABLE django_migrations (id bigint PRIMARY KEY, app varchar(255), name varchar(255), applied timestamptz);
CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY, session_data text, expire_date timestamptz);
CREATE TABLE django_content_type (id int PRIMARY KEY, app_label varchar(100) NOT NULL, model varchar(100) NOT NULL, UNIQUE (app_label, model));
CREATE TABLE django_site (id int PRIMARY KEY, domain varchar(100) NOT NULL UNIQUE, name varchar(50) NOT NULL);
CREATE TABLE auth_permission (id int PRIMARY KEY, name varchar(255), content_type_id int NOT NULL REFERENCES django_content_type, codename varchar(100));
CREATE TABLE auth_group (id int PRIMARY KEY, name varchar(150) NOT NULL UNIQUE);
CREATE TABLE auth_group_permissions (id bigint PRIMARY KEY, group_id int NOT NULL REFERENCES auth_group, permission_id int NOT NULL REFERENCES auth_permission,
    UNIQUE (group_id, permission_id));
CREATE TABLE django_celery_beat_periodictask (id int PRIMARY KEY, name varchar(200), task varchar(200));
CREATE TABLE django_celery_results_taskresult (id int PRIMARY KEY, task_id varchar(255), result text);

CREATE TABLE billing_plan (id bigint PRIMARY KEY, code varchar(20) NOT NULL UNIQUE);
CREATE TABLE billing_currency (code varchar(3) PRIMARY KEY);
CREATE TABLE organizations_organization (id uuid PRIMARY KEY, name varchar(200) NOT NULL, slug varchar(50) NOT NULL UNIQUE,
    plan_id bigint NOT NULL REFERENCES billing_plan, parent_id uuid REFERENCES organizations_organization);
CREATE TABLE organizations_domain (id bigint PRIMARY KEY, organization_id uuid NOT NULL REFERENCES organizations_organization, domain varchar(253) NOT NULL UNIQUE);
CREATE TABLE accounts_user (id bigint PRIMARY KEY, password varchar(128), email varchar(254) NOT NULL UNIQUE, is_active boolean);
CREATE TABLE accounts_user_groups (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES accounts_user, group_id int NOT NULL REFERENCES auth_group,
    UNIQUE (user_id, group_id));
CREATE TABLE accounts_user_user_permissions (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES accounts_user,
    permission_id int NOT NULL REFERENCES auth_permission, UNIQUE (user_id, permission_id));
CREATE TABLE authtoken_token (key varchar(40) PRIMARY KEY, user_id bigint NOT NULL UNIQUE REFERENCES accounts_user);
CREATE TABLE organizations_membership (id bigint PRIMARY KEY, organization_id uuid NOT NULL REFERENCES organizations_organization,
    user_id bigint NOT NULL REFERENCES accounts_user, role varchar(20), UNIQUE (organization_id, user_id));
CREATE TABLE organizations_invitation (id bigint PRIMARY KEY, organization_id uuid NOT NULL REFERENCES organizations_organization,
    invited_by_id bigint NOT NULL REFERENCES organizations_membership, email varchar(254));
CREATE TABLE organizations_organizationsettings (organization_id uuid PRIMARY KEY REFERENCES organizations_organization, theme varchar(20));
CREATE TABLE projects_project (id bigint PRIMARY KEY, organization_id uuid NOT NULL REFERENCES organizations_organization, key varchar(10),
    deleted_at timestamptz);
CREATE TABLE projects_project_members (id bigint PRIMARY KEY, project_id bigint NOT NULL REFERENCES projects_project,
    membership_id bigint NOT NULL REFERENCES organizations_membership, UNIQUE (project_id, membership_id));
CREATE TABLE projects_milestone (id bigint PRIMARY KEY, project_id bigint NOT NULL REFERENCES projects_project);
CREATE TABLE projects_label (id bigint PRIMARY KEY, project_id bigint NOT NULL REFERENCES projects_project, name varchar(50));
CREATE TABLE issues_issue (id bigint PRIMARY KEY, project_id bigint NOT NULL REFERENCES projects_project, milestone_id bigint REFERENCES projects_milestone,
    parent_id bigint REFERENCES issues_issue, reporter_id bigint REFERENCES organizations_membership);
CREATE TABLE issues_issue_labels (id bigint PRIMARY KEY, issue_id bigint NOT NULL REFERENCES issues_issue, label_id bigint NOT NULL REFERENCES projects_label,
    UNIQUE (issue_id, label_id));
CREATE TABLE issues_issue_watchers (id bigint PRIMARY KEY, issue_id bigint NOT NULL REFERENCES issues_issue, user_id bigint NOT NULL REFERENCES accounts_user);
CREATE TABLE issues_issuelink (id bigint PRIMARY KEY, from_issue_id bigint NOT NULL REFERENCES issues_issue, to_issue_id bigint NOT NULL REFERENCES issues_issue);
CREATE TABLE issues_comment (id bigint PRIMARY KEY, issue_id bigint NOT NULL REFERENCES issues_issue, author_id bigint REFERENCES accounts_user, body text);
CREATE TABLE issues_worklog (id uuid PRIMARY KEY, issue_id bigint NOT NULL REFERENCES issues_issue, minutes int);
CREATE TABLE files_attachment (id bigint PRIMARY KEY, content_type_id int NOT NULL REFERENCES django_content_type, object_id bigint NOT NULL, file varchar(100));
CREATE TABLE activity_action (id bigint PRIMARY KEY, actor_content_type_id int NOT NULL REFERENCES django_content_type, actor_object_id varchar(255) NOT NULL,
    target_content_type_id int REFERENCES django_content_type, target_object_id varchar(255), verb varchar(255));
CREATE TABLE django_admin_log (id int PRIMARY KEY, action_time timestamptz, object_id text, object_repr varchar(200),
    content_type_id int REFERENCES django_content_type, user_id bigint NOT NULL REFERENCES accounts_user);
CREATE TABLE reversion_revision (id int PRIMARY KEY, date_created timestamptz, user_id bigint REFERENCES accounts_user);
CREATE TABLE reversion_version (id int PRIMARY KEY, object_id varchar(191) NOT NULL, content_type_id int NOT NULL REFERENCES django_content_type,
    revision_id int NOT NULL REFERENCES reversion_revision);
CREATE TABLE taggit_tag (id int PRIMARY KEY, name varchar(100) NOT NULL UNIQUE);
CREATE TABLE taggit_taggeditem (id int PRIMARY KEY, object_id int NOT NULL, content_type_id int NOT NULL REFERENCES django_content_type,
    tag_id int NOT NULL REFERENCES taggit_tag);
CREATE TABLE billing_subscription (id bigint PRIMARY KEY, organization_id uuid NOT NULL UNIQUE REFERENCES organizations_organization,
    plan_id bigint NOT NULL REFERENCES billing_plan);
CREATE TABLE billing_invoice (id uuid PRIMARY KEY, organization_id uuid NOT NULL REFERENCES organizations_organization,
    currency_id varchar(3) NOT NULL REFERENCES billing_currency, number int);
CREATE TABLE billing_invoiceline (id bigint PRIMARY KEY, invoice_id uuid NOT NULL REFERENCES billing_invoice, cents int);
CREATE TABLE billing_exchangerate (id bigint PRIMARY KEY, currency_id varchar(3) NOT NULL REFERENCES billing_currency, day date, rate numeric);
CREATE TABLE webhooks_endpoint (id uuid PRIMARY KEY, organization_id uuid NOT NULL REFERENCES organizations_organization, url varchar(200));
CREATE TABLE webhooks_delivery (id uuid PRIMARY KEY, endpoint_id uuid NOT NULL REFERENCES webhooks_endpoint, status int);
-- made by a data team, without models and without foreign keys
CREATE TABLE usage_daily (organization_id uuid NOT NULL, day date NOT NULL, calls bigint, PRIMARY KEY (organization_id, day));
CREATE TABLE legacy_import (row_no int, org_id uuid, payload text);
CREATE TABLE health_heartbeat (id bigint PRIMARY KEY, host varchar(100), seen_at timestamptz);
CREATE TABLE events_event (id bigint NOT NULL, organization_id uuid NOT NULL, at timestamptz NOT NULL, name varchar(50), PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE events_event_p2026_01 PARTITION OF events_event FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE events_event_default PARTITION OF events_event DEFAULT;

CREATE FUNCTION org(i int) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT ('00000000-0000-0000-0000-00000000000' || (1 + i % 3))::uuid $$;
CREATE FUNCTION uid(i int) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT ('11111111-0000-0000-0000-' || lpad(i::text, 12, '0'))::uuid $$;
INSERT INTO django_content_type VALUES (1, 'projects', 'project'), (2, 'issues', 'issue'), (3, 'issues', 'comment'), (4, 'accounts', 'user'),
    (5, 'organizations', 'membership'), (6, 'gone', 'model');
INSERT INTO django_site VALUES (1, 'example.com', 'example');
INSERT INTO auth_permission SELECT i, 'p', i, 'c' FROM generate_series(1, 5) i;
INSERT INTO auth_group VALUES (1, 'staff'), (2, 'support');
INSERT INTO auth_group_permissions VALUES (1, 1, 1), (2, 1, 2), (3, 2, 1);
INSERT INTO billing_plan VALUES (1, 'free'), (2, 'pro');
INSERT INTO billing_currency VALUES ('EUR'), ('USD');
INSERT INTO organizations_organization SELECT org(i), 'o' || i, 's' || i, 1 + i % 2 FROM generate_series(0, 2) i;
INSERT INTO organizations_domain SELECT i, org(i), 'd' || i FROM generate_series(1, 3) i;
INSERT INTO accounts_user SELECT i, 'x', i || '@example.com' FROM generate_series(1, 20) i;
INSERT INTO accounts_user_groups SELECT i, i, 1 + i % 2 FROM generate_series(1, 4) i;
INSERT INTO accounts_user_user_permissions SELECT i, i, 1 FROM generate_series(1, 4) i;
INSERT INTO authtoken_token SELECT 'k' || i, i FROM generate_series(1, 9) i;
INSERT INTO organizations_membership SELECT i, org(i), 1 + (i - 1) % 10 FROM generate_series(1, 30) i;
INSERT INTO organizations_invitation SELECT i, org(i), i FROM generate_series(1, 9) i;
INSERT INTO organizations_organizationsettings SELECT org(i) FROM generate_series(0, 2) i;
INSERT INTO projects_project SELECT i, org(i) FROM generate_series(1, 12) i;
INSERT INTO projects_project_members SELECT i, i, i FROM generate_series(1, 12) i;
INSERT INTO projects_milestone SELECT i, i FROM generate_series(1, 12) i;
INSERT INTO projects_label SELECT i, 1 + (i + 11) % 12 FROM generate_series(1, 24) i;
INSERT INTO issues_issue SELECT i, 1 + (i + 11) % 12, CASE i % 2 WHEN 0 THEN 1 + (i + 11) % 12 END, NULL, 1 + (i + 29) % 30 FROM generate_series(1, 60) i;
INSERT INTO issues_issue_labels SELECT i, i, i FROM generate_series(1, 24) i;
INSERT INTO issues_issue_watchers SELECT i, i, 1 + (i - 1) % 10 FROM generate_series(1, 30) i;
INSERT INTO issues_issuelink SELECT i, i, i + 3 FROM generate_series(1, 30) i;
INSERT INTO issues_comment SELECT i, i, 1 + (i - 1) % 10 FROM generate_series(1, 60) i;
INSERT INTO issues_worklog SELECT uid(i), i FROM generate_series(1, 60) i;
INSERT INTO files_attachment SELECT i, CASE WHEN i > 20 THEN 3 ELSE 2 END, i FROM generate_series(1, 40) i;
INSERT INTO activity_action SELECT i, 5, 1 + (i + 29) % 30, 2, i FROM generate_series(1, 60) i;
INSERT INTO django_admin_log SELECT i, now(), i::text, 'x', 2, 1 + i % 10 FROM generate_series(1, 10) i;
INSERT INTO reversion_revision SELECT i, now(), 1 + i % 10 FROM generate_series(1, 20) i;
INSERT INTO reversion_version SELECT i, i::text, 2, i FROM generate_series(1, 20) i;
INSERT INTO taggit_tag VALUES (1, 'urgent'), (2, 'later');
INSERT INTO taggit_taggeditem SELECT i, i, 2, 1 + (i / 3) % 2 FROM generate_series(1, 30) i;
INSERT INTO billing_subscription SELECT i, org(i), 1 + i % 2 FROM generate_series(1, 3) i;
INSERT INTO billing_invoice SELECT uid(i), org(i), CASE (i / 3) % 2 WHEN 0 THEN 'EUR' ELSE 'USD' END, i FROM generate_series(1, 24) i;
INSERT INTO billing_invoiceline SELECT i, uid(i), 1 FROM generate_series(1, 24) i;
INSERT INTO billing_exchangerate VALUES (1, 'EUR', '2026-01-01', 1), (2, 'USD', '2026-01-01', 1.1);
INSERT INTO webhooks_endpoint SELECT uid(i), org(i) FROM generate_series(1, 3) i;
INSERT INTO webhooks_delivery SELECT uid(i), uid(1 + (i + 2) % 3) FROM generate_series(1, 30) i;
INSERT INTO usage_daily SELECT org(i), '2026-01-01'::date + i, i FROM generate_series(1, 60) i;
INSERT INTO legacy_import SELECT i, org(i) FROM generate_series(1, 60) i;
INSERT INTO health_heartbeat VALUES (1, 'web-1', now());
INSERT INTO events_event SELECT i, org(i), '2026-01-15'::timestamptz + i * interval '1 day', 'login' FROM generate_series(1, 40) i;
DROP FUNCTION org; DROP FUNCTION uid;
ANALYZE;

-- The rows of the sites number $first$ to $last$ of the plan. Run for one range after the other.

INSERT INTO public.site
SELECT id, 'acme-' || n, 'Acme ' || n || ' "Ltd", ' || pg_temp.words(pool, 6),
  (enum_range(NULL::public.site_state))[1 + n % 3], 1 + n % 4, (ARRAY['DE', 'FR', 'US', 'GB', 'JP', 'AU'])[1 + n % 6],
  jsonb_build_object('theme', 'dark', 'home', jsonb_build_object('project', project0 + 1, 'space', space0 + 1),
    'admins', jsonb_build_array(member0 + 1, member0 + 2)),
  pg_temp.moment()
FROM seed_text, seed_plan WHERE n BETWEEN $first$ AND $last$ ORDER BY n;

INSERT INTO public.site_product
SELECT id, product, pg_temp.moment()::date, jsonb_build_object('site', id, 'seats', members)
FROM seed_text, seed_plan, unnest(enum_range(NULL::public.product)) product WHERE n BETWEEN $first$ AND $last$ ORDER BY n;

INSERT INTO public.member (id, site_id, email, display_name, roles, joined_on, last_address) OVERRIDING SYSTEM VALUE
SELECT member0 + k, id, 'user' || k || '@' || id || '.example', pg_temp.words(pool, 12),
  CASE k % 3 WHEN 0 THEN '{}' WHEN 1 THEN ARRAY['admin', 'billing, "all"'] ELSE ARRAY['user', NULL] END,
  pg_temp.moment()::date, CASE WHEN k % 2 = 0 THEN inet '10.0.0.0' + k END
FROM seed_text, seed_plan, generate_series(1, members) k WHERE n BETWEEN $first$ AND $last$ ORDER BY n, k;

INSERT INTO public.team
SELECT md5('team' || team0 + k)::uuid, id, 'team-' || k, pg_temp.words(pool, 10)
FROM seed_text, seed_plan, generate_series(1, teams) k WHERE n BETWEEN $first$ AND $last$ ORDER BY n, k;

INSERT INTO public.team_member
SELECT md5('team' || team0 + 1 + k % teams)::uuid, member0 + k, pg_temp.moment()::date
FROM seed_text, seed_plan, generate_series(1, members) k WHERE n BETWEEN $first$ AND $last$ ORDER BY n, k;

INSERT INTO public.invoice
SELECT invoice0 + k, id, '2026-' || k, round((random() * 100000)::numeric, 2), (ARRAY['EUR', 'USD', 'GBP'])[1 + k % 3],
  pg_temp.moment()::date, make_interval(days => 14 + k % 30, hours => k % 3)
FROM seed_text, seed_plan, generate_series(1, invoices) k WHERE n BETWEEN $first$ AND $last$ ORDER BY n, k;

INSERT INTO public.invoice_line (invoice_id, line_no, description, quantity, unit_price)
SELECT invoice0 + k, line, pg_temp.words(pool, 30), round((random() * 50)::numeric, line), round((random() * 900)::numeric, 4)
FROM seed_text, seed_plan, generate_series(1, invoices) k, generate_series(1, 3) line
WHERE n BETWEEN $first$ AND $last$ ORDER BY n, k, line;

INSERT INTO tracker.project
SELECT project0 + k, id, 'P' || k, pg_temp.words(pool, 20), member0 + 1 + k % members, board0 + 2 * k - 1, 6 * u / projects + 2
FROM seed_text, seed_plan, generate_series(1, projects) k WHERE n BETWEEN $first$ AND $last$ ORDER BY n, k;

INSERT INTO tracker.board
SELECT board0 + k, project0 + (k + 1) / 2, 'Board ' || k, ARRAY['to do', 'doing', 'done; really']
FROM seed_text, seed_plan, generate_series(1, boards) k WHERE n BETWEEN $first$ AND $last$ ORDER BY n, k;

INSERT INTO tracker.sprint
SELECT sprint0 + k, board0 + (k + 1) / 2, 'Sprint ' || k, pg_temp.moment()::date, interval '14 days'
FROM seed_text, seed_plan, generate_series(1, sprints) k WHERE n BETWEEN $first$ AND $last$ ORDER BY n, k;

INSERT INTO tracker.issue
SELECT 6 * unit0 + k, project0 + 1 + (k - 1) % projects, 1 + (k - 1) / projects, pg_temp.words(pool, 40),
  CASE WHEN k % 4 > 0 THEN pg_temp.words(pool, 100 + k % 300) END, (enum_range(NULL::tracker.issue_status))[1 + k % 4],
  1 + k % 4, member0 + 1 + k % members, CASE WHEN k % 3 > 0 THEN member0 + 1 + (k / 3) % members END,
  CASE WHEN k % 2 = 0 THEN sprint0 + 1 + k % sprints END, CASE WHEN k % 5 > 0 THEN k % 21 * 0.5 END,
  CASE WHEN k % 3 = 0 THEN '{}' ELSE ARRAY['label-' || k % 7, E'odd, "quoted" \\ label'] END,
  jsonb_build_object('watchers', jsonb_build_array(member0 + 1, member0 + 2), 'project', project0 + 1 + (k - 1) % projects,
    'text', E'line\nnext\tcell', 'weight', k % 9 / 3.0), pg_temp.moment(), pg_temp.moment()
FROM seed_text, seed_plan, generate_series(1, 6 * u) k WHERE n BETWEEN $first$ AND $last$ ORDER BY n, k;

INSERT INTO tracker.issue_link
SELECT 6 * unit0 + k, 6 * unit0 + 1 + k % (6 * u), (enum_range(NULL::tracker.link_kind))[1 + k % 3]
FROM seed_text, seed_plan, generate_series(1, 2 * u) k WHERE n BETWEEN $first$ AND $last$ ORDER BY n, k;

INSERT INTO tracker.issue_event
SELECT 6 * unit0 + k, 6 * unit0 + k, pg_temp.moment(),
  jsonb_build_object('field', 'assignee', 'issue', 6 * unit0 + k, 'to', jsonb_build_object('member', member0 + 1 + k % members))
FROM seed_text, seed_plan, generate_series(1, 6 * u) k WHERE n BETWEEN $first$ AND $last$ ORDER BY n, k;

INSERT INTO tracker.worklog
SELECT 3 * unit0 + k, 6 * unit0 + 2 * k, member0 + 1 + k % members, make_interval(hours => k % 8, mins => k % 60),
  pg_temp.moment()::date
FROM seed_text, seed_plan, generate_series(1, 3 * u) k WHERE n BETWEEN $first$ AND $last$ ORDER BY n, k;

INSERT INTO tracker.attachment
SELECT md5('attachment' || unit0 + k)::uuid, 6 * unit0 + 6 * k, pg_temp.words(pool, 14) || '.png', (random() * 9e9)::bigint,
  sha256(convert_to(id || k, 'UTF8'))
FROM seed_text, seed_plan, generate_series(1, u) k WHERE n BETWEEN $first$ AND $last$ ORDER BY n, k;

INSERT INTO tracker.comment
SELECT 12 * unit0 + k, 6 * unit0 + 1 + (k - 1) % (6 * u),
  CASE WHEN k > 6 * u AND k % 5 < 3 THEN 12 * unit0 + k - 6 * u END, member0 + 1 + k % members,
  pg_temp.words(pool, 40 + k % 200), pg_temp.moment()
FROM seed_text, seed_plan, generate_series(1, 12 * u) k WHERE n BETWEEN $first$ AND $last$ ORDER BY n, k;

INSERT INTO tracker.comment_reaction
SELECT 12 * unit0 + 3 * k, CASE k % 3 WHEN 0 THEN '👍' WHEN 1 THEN '🎉' ELSE 'plus one' END, 1 + k % 5
FROM seed_text, seed_plan, generate_series(1, 4 * u) k WHERE n BETWEEN $first$ AND $last$ ORDER BY n, k;

INSERT INTO wiki.space
SELECT space0 + k, id, 'space-' || k, pg_temp.words(pool, 16), md5('page' || 2 * unit0 + k)::uuid
FROM seed_text, seed_plan, generate_series(1, spaces) k WHERE n BETWEEN $first$ AND $last$ ORDER BY n, k;

INSERT INTO wiki.page
SELECT md5('page' || 2 * unit0 + k)::uuid, space0 + 1 + (k - 1) % spaces,
  CASE WHEN k > spaces THEN md5('page' || 2 * unit0 + k - spaces)::uuid END, pg_temp.words(pool, 30), pg_temp.body(pool), 2,
  member0 + 1 + k % members, jsonb_build_object('links', jsonb_build_array(md5('page' || 2 * unit0 + 1)::uuid), 'issue', 6 * unit0 + k),
  pg_temp.moment()
FROM seed_text, seed_plan, generate_series(1, 2 * u) k WHERE n BETWEEN $first$ AND $last$ ORDER BY n, k;

INSERT INTO wiki.page_version
SELECT md5('page' || 2 * unit0 + k)::uuid, 1, pg_temp.body(pool), pg_temp.moment()
FROM seed_text, seed_plan, generate_series(1, 2 * u) k WHERE n BETWEEN $first$ AND $last$ ORDER BY n, k;

INSERT INTO wiki.version_approval
SELECT md5('page' || 2 * unit0 + k)::uuid, 1, 'user' || k % members || '@' || id || '.example', pg_temp.moment()
FROM seed_text, seed_plan, generate_series(1, u) k WHERE n BETWEEN $first$ AND $last$ ORDER BY n, k;

INSERT INTO wiki.page_comment
SELECT 2 * unit0 + k, md5('page' || 2 * unit0 + 1 + (k - 1) % u)::uuid, CASE WHEN k > u AND k % 2 = 0 THEN 2 * unit0 + k - u END,
  pg_temp.words(pool, 30 + k % 150), pg_temp.moment()
FROM seed_text, seed_plan, generate_series(1, 2 * u) k WHERE n BETWEEN $first$ AND $last$ ORDER BY n, k;

INSERT INTO wiki.page_label
SELECT md5('page' || 2 * unit0 + k)::uuid, 'label-' || k % 11
FROM seed_text, seed_plan, generate_series(1, 2 * u) k WHERE n BETWEEN $first$ AND $last$ ORDER BY n, k;

INSERT INTO pager.escalation_policy
SELECT service0 + k, id, 'Policy ' || k, jsonb_build_array(
  jsonb_build_object('after', '5 min', 'notify', jsonb_build_array(member0 + 1 + k % members)),
  jsonb_build_object('after', '15 min', 'notify', jsonb_build_array(member0 + 1, member0 + 2)))
FROM seed_text, seed_plan, generate_series(1, services) k WHERE n BETWEEN $first$ AND $last$ ORDER BY n, k;

INSERT INTO pager.service
SELECT service0 + k, id, 'service-' || k, pg_temp.words(pool, 18), service0 + k, 99 + round(random()::numeric, 4)
FROM seed_text, seed_plan, generate_series(1, services) k WHERE n BETWEEN $first$ AND $last$ ORDER BY n, k;

INSERT INTO pager.schedule
SELECT schedule0 + k, id, (ARRAY['Europe/Berlin', 'Asia/Tokyo', 'UTC'])[1 + k % 3], time '08:30:00' + k % 9 * interval '1 hour',
  interval '7 days'
FROM seed_text, seed_plan, generate_series(1, schedules) k WHERE n BETWEEN $first$ AND $last$ ORDER BY n, k;

INSERT INTO pager.schedule_entry
SELECT 2 * unit0 + k, schedule0 + 1 + k % schedules, member0 + 1 + k % members,
  tstzrange(timestamptz '2026-06-01 00:00:00+00' + k * interval '12 hours', timestamptz '2026-06-02 00:00:00+00' + k * interval '12 hours')
FROM seed_text, seed_plan, generate_series(1, 2 * u) k WHERE n BETWEEN $first$ AND $last$ ORDER BY n, k;

INSERT INTO pager.incident
SELECT unit0 + k, service0 + 1 + k % services, 1 + k % 3, pg_temp.words(pool, 35), (enum_range(NULL::pager.incident_state))[1 + k % 3],
  json_build_object('service', service0 + 1 + k % services, 'responders', json_build_array(member0 + 1), 'raw', E'a  "b"\n'),
  pg_temp.moment(), CASE WHEN k % 3 = 2 THEN pg_temp.moment() END
FROM seed_text, seed_plan, generate_series(1, u) k WHERE n BETWEEN $first$ AND $last$ ORDER BY n, k;

INSERT INTO pager.incident_event
SELECT 3 * unit0 + k, unit0 + 1 + (k - 1) % u, (enum_range(NULL::pager.incident_state))[1 + k % 3],
  CASE WHEN k % 2 = 0 THEN '' WHEN k % 3 = 0 THEN pg_temp.words(pool, 50) END, pg_temp.moment()
FROM seed_text, seed_plan, generate_series(1, 3 * u) k WHERE n BETWEEN $first$ AND $last$ ORDER BY n, k;

INSERT INTO pager.notification
SELECT md5('notification' || 3 * unit0 + k)::uuid, 3 * unit0 + k, (ARRAY['sms', 'mail', 'push'])[1 + k % 3],
  'user' || k % members || '@' || id || '.example', ARRAY[random(), 1.5 * k, 'NaN', 1e-9], pg_temp.moment()::timestamp
FROM seed_text, seed_plan, generate_series(1, 3 * u) k WHERE n BETWEEN $first$ AND $last$ ORDER BY n, k;

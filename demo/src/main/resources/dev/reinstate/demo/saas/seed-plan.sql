-- How large every site is, and where its ids start. Run once; sizes follow a power law over shuffled ranks.
-- $sites$, $units$ and $seed$ are numbers set by the seeder.

CREATE TEMP TABLE seed_plan AS
WITH ranked AS (
  SELECT n, row_number() OVER (ORDER BY md5('$seed$/' || n)) AS rank FROM generate_series(1, $sites$) n
), weighted AS (
  SELECT n, power(rank, -0.8) AS weight FROM ranked
), sized AS (
  SELECT n, greatest(1, round($units$ * weight / sum(weight) OVER ()))::int AS u FROM weighted
), counted AS (
  SELECT n, u,
    u + 2 AS members, (u + 4) / 5 AS teams, (u + 3) / 4 AS invoices,
    (u + 7) / 8 AS projects, 2 * ((u + 7) / 8) AS boards, 4 * ((u + 7) / 8) AS sprints,
    (u + 9) / 10 AS spaces, (u + 5) / 6 AS services, (u + 9) / 10 AS schedules
  FROM sized
)
SELECT n, u, 'site-' || (1000 + n) AS id, members, teams, invoices, projects, boards, sprints, spaces, services, schedules,
  (sum(u) OVER w - u)::bigint AS unit0, (sum(members) OVER w - members)::bigint AS member0,
  (sum(teams) OVER w - teams)::bigint AS team0, (sum(invoices) OVER w - invoices)::bigint AS invoice0,
  (sum(projects) OVER w - projects)::bigint AS project0, (sum(boards) OVER w - boards)::bigint AS board0,
  (sum(sprints) OVER w - sprints)::bigint AS sprint0, (sum(spaces) OVER w - spaces)::bigint AS space0,
  (sum(services) OVER w - services)::bigint AS service0, (sum(schedules) OVER w - schedules)::bigint AS schedule0
FROM counted WINDOW w AS (ORDER BY n);

CREATE UNIQUE INDEX ON seed_plan (n);

-- Text that does not compress, so that pages are stored out of line as they are; bytea, because its slices are cheap.
CREATE TEMP TABLE seed_text (pool bytea);
ALTER TABLE seed_text ALTER COLUMN pool SET STORAGE EXTERNAL;
INSERT INTO seed_text
SELECT convert_to(
  string_agg(translate(encode(sha256(convert_to('$seed$/' || n, 'UTF8')), 'base64'), '+/=', ' .,'), ' ' ORDER BY n), 'UTF8')
FROM generate_series(1, 6000) n;

-- Simple enough for the planner to put into the statements that call them.
CREATE FUNCTION pg_temp.words(pool bytea, length int) RETURNS text LANGUAGE sql VOLATILE AS
$$ SELECT convert_from(substr(pool, 1 + floor(random() * 200000)::int, length), 'UTF8') $$;

CREATE FUNCTION pg_temp.body(pool bytea) RETURNS text LANGUAGE sql VOLATILE AS
$$ SELECT pg_temp.words(pool, CASE WHEN random() < 0.17 THEN 8500 + (random() * 6000)::int ELSE 200 + (random() * 900)::int END) $$;

CREATE FUNCTION pg_temp.moment() RETURNS timestamptz LANGUAGE sql VOLATILE AS
$$ SELECT timestamptz '2026-01-01 00:00:00+00' + random() * interval '200 days' $$;

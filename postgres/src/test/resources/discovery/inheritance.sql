-- Tables split in ways that grew over the years: children by inheritance filled by a trigger, partitions as pg_partman makes them
-- (with foreign keys of their own and a default), sub-partitions, and a child that inherits from two.
SET search_path = public;
CREATE TABLE station (id int PRIMARY KEY, name text);
CREATE TABLE region (id int PRIMARY KEY, station_id int NOT NULL REFERENCES station);
CREATE TABLE measurement (id bigint NOT NULL, region_id int NOT NULL, at timestamptz NOT NULL, value numeric);
CREATE TABLE measurement_2025 (PRIMARY KEY (id), FOREIGN KEY (region_id) REFERENCES region, CHECK (at < '2026-01-01')) INHERITS (measurement);
CREATE TABLE measurement_2026 (PRIMARY KEY (id), FOREIGN KEY (region_id) REFERENCES region, CHECK (at >= '2026-01-01')) INHERITS (measurement);
CREATE TABLE reading (id bigint NOT NULL, station_id int NOT NULL, at timestamptz NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE reading_p20260101 PARTITION OF reading (FOREIGN KEY (station_id) REFERENCES station) FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE reading_p20260201 PARTITION OF reading (FOREIGN KEY (station_id) REFERENCES station) FOR VALUES FROM ('2026-02-01') TO ('2026-03-01') PARTITION BY LIST (station_id);
CREATE TABLE reading_p20260201_one PARTITION OF reading_p20260201 FOR VALUES IN (1);
CREATE TABLE reading_p20260201_rest PARTITION OF reading_p20260201 DEFAULT;
CREATE TABLE reading_default PARTITION OF reading (FOREIGN KEY (station_id) REFERENCES station) DEFAULT;
CREATE TABLE document (id int PRIMARY KEY, station_id int NOT NULL REFERENCES station);
CREATE TABLE report (pages int, PRIMARY KEY (id)) INHERITS (document);
CREATE TABLE stamped (stamp timestamptz);
CREATE TABLE stamped_report (PRIMARY KEY (id)) INHERITS (report, stamped);
INSERT INTO station SELECT i, 's' FROM generate_series(1, 3) i;
INSERT INTO region SELECT i, 1 + i % 3 FROM generate_series(1, 9) i;
INSERT INTO measurement_2025 SELECT i, 1 + i % 9, '2025-06-01' FROM generate_series(1, 20) i;
INSERT INTO measurement_2026 SELECT i, 1 + i % 9, '2026-01-01' FROM generate_series(21, 40) i;
INSERT INTO reading SELECT i, 1 + i % 3, '2026-01-15'::timestamptz + i * interval '1 day' FROM generate_series(1, 60) i;
INSERT INTO document SELECT i, 1 + i % 3 FROM generate_series(1, 9) i;
INSERT INTO report SELECT 10 + i, 1 + i % 3 FROM generate_series(1, 9) i;
ANALYZE;

-- What values.txt needs beside the types that every PostgreSQL has.
CREATE EXTENSION hstore SCHEMA public;
CREATE EXTENSION citext SCHEMA public;
CREATE EXTENSION ltree SCHEMA public;
CREATE EXTENSION cube SCHEMA public;
CREATE EXTENSION seg SCHEMA public;
CREATE EXTENSION isn SCHEMA public;
CREATE EXTENSION intarray SCHEMA public;
CREATE EXTENSION lo SCHEMA public;

CREATE SCHEMA matrix;
CREATE TYPE matrix.mood AS ENUM ('sad', 'so so', 'it''s "fine"', 'naïve', 'Happy,', '');
CREATE TYPE matrix.pair AS (n int, t text);
CREATE TYPE matrix.nest AS (id bigint, inside matrix.pair, "Odd ""name" text[], at timestamptz);
CREATE DOMAIN matrix.positive AS int CHECK (VALUE > 0);
CREATE DOMAIN matrix.numbers AS int[] CHECK (array_length(VALUE, 1) < 5);
CREATE DOMAIN matrix.of_domain AS matrix.positive CHECK (VALUE < 1000);
CREATE DOMAIN matrix.a_pair AS matrix.pair CHECK ((VALUE).n IS DISTINCT FROM 13);
CREATE TYPE matrix."Odd Type, ""quoted""" AS ENUM ('a', 'b');
CREATE TYPE matrix.float_range AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE TYPE matrix.text_range AS RANGE (subtype = text, collation = "C");
CREATE COLLATION matrix.no_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE matrix.tenants (id text PRIMARY KEY);

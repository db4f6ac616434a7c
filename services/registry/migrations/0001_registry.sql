-- Who and what exists. Relationships that open a person's data are rows of platform.access_grant, which this room alone writes.

-- Lower case without diacritics, for searching. `immutable`, so that it can stand in an index: the dictionary it names does not change.
create function fold(text) returns text language sql immutable strict parallel safe
  as $$ select lower(platform.unaccent('platform.unaccent'::regdictionary, $1)) $$;

create function kilometres(from_latitude float8, from_longitude float8, latitude float8, longitude float8) returns float8
  language sql immutable strict parallel safe
  as $$ -- haversine on a sphere of 6371 km: within 0.5 % of the ellipsoid
    select 12742 * asin(least(1, sqrt(
      sin(radians(latitude - from_latitude) / 2) ^ 2 +
      cos(radians(from_latitude)) * cos(radians(latitude)) * sin(radians(longitude - from_longitude) / 2) ^ 2)))
  $$;

create table speciality (
  code       text primary key,
  display    text not null,
  synonyms   text[] not null default '{}',
  version    integer not null default 1,
  updated_at timestamptz not null
);

create table place (
  id         uuid primary key,
  name       text not null,
  address    text not null,
  city       text not null,
  country    text not null,
  latitude   float8 not null check (latitude between -90 and 90),
  longitude  float8 not null check (longitude between -180 and 180),
  zone       text not null,
  phone      text,
  version    integer not null default 1,
  demo       boolean not null default platform.is_demo(),
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index place_by_position on place (latitude, longitude);
create index place_by_name on place (name, id);
create index place_by_words on place using gin (fold(name || ' ' || city) platform.gin_trgm_ops);

create table practitioner (
  id           uuid primary key,
  account_id   uuid constraint practitioner_one_per_account unique, -- null: known, but does not sign in
  name         text not null,
  gender       text not null,
  languages    text[] not null,
  specialities text[] not null,
  about        text,
  photo_key    text, -- in the file store
  photo_type   text,
  version      integer not null default 1,
  demo         boolean not null default platform.is_demo(),
  created_at   timestamptz not null,
  updated_at   timestamptz not null
);
create index practitioner_by_words on practitioner using gin (fold(name) platform.gin_trgm_ops);

create table licence (
  id               uuid primary key,
  practitioner_id  uuid not null references practitioner,
  number           text not null,
  issuer           text not null,
  country          text not null,
  valid_from       date not null,
  valid_until      date not null, -- the last day, UTC
  status           text not null default 'pending' check (status in ('pending', 'verified', 'rejected', 'revoked')),
  reason           text,
  certificate_key  text,
  certificate_type text,
  decided_by       uuid,
  decided_at       timestamptz,
  version          integer not null default 1,
  demo             boolean not null default platform.is_demo(),
  created_at       timestamptz not null,
  updated_at       timestamptz not null,
  -- As an interval of instants: what scheduling and access_grant compare with.
  holds            tstzrange generated always as
                     (tstzrange(valid_from::timestamp at time zone 'UTC', (valid_until + 1)::timestamp at time zone 'UTC')) stored,
  constraint licence_days check (valid_until >= valid_from),
  constraint licence_seen_before_verified check (status <> 'verified' or certificate_key is not null or demo)
);
create index licence_by_practitioner on licence (practitioner_id, id);
create index licence_by_status on licence (status, id);
-- Two people cannot hold the same licence; anybody may claim one until then.
create unique index licence_verified_once on licence (country, fold(issuer), fold(number)) where status = 'verified';

create table patient (
  id         uuid primary key,
  account_id uuid constraint patient_one_per_account unique,
  name       text not null,
  birth_date date not null,
  gender     text not null,
  language   text not null,
  zone       text not null,
  phone      text,
  email      text,
  version    integer not null default 1,
  demo       boolean not null default platform.is_demo(),
  created_at timestamptz not null,
  updated_at timestamptz not null
);

create table caregiver (
  id         uuid primary key,
  account_id uuid not null constraint caregiver_one_per_account unique,
  name       text not null,
  language   text not null,
  phone      text,
  email      text,
  code       text not null constraint caregiver_code unique,
  version    integer not null default 1,
  demo       boolean not null default platform.is_demo(),
  created_at timestamptz not null,
  updated_at timestamptz not null
);

create table mandate (
  id            uuid primary key,
  patient_id    uuid not null references patient,
  caregiver_id  uuid not null references caregiver,
  powers        text[] not null check (cardinality(powers) > 0),
  basis         text not null default 'patient' constraint mandate_basis check (basis in ('patient', 'guardian', 'delegated', 'desk')),
  evidence      text,
  valid_from    timestamptz not null,
  valid_until   timestamptz not null,
  granted_by    uuid not null,
  revoked_at    timestamptz,
  revoked_by    uuid,
  revoke_reason text,
  version       integer not null default 1,
  demo          boolean not null default platform.is_demo(),
  created_at    timestamptz not null,
  -- Five years; a childhood where it is a guardian's. MAJORITY_AGE is at most 25, and a day may have begun elsewhere.
  constraint mandate_not_for_ever check (
    valid_until > valid_from and valid_until <= valid_from + case basis when 'guardian' then interval '26 years' else interval '5 years' end),
  -- One at a time for a pair: what a mandate permits must not depend on which of two is looked at.
  constraint mandate_one_at_a_time
    exclude using gist (patient_id with =, caregiver_id with =, tstzrange(valid_from, valid_until) with &&) where (revoked_at is null)
);
create index mandate_by_patient on mandate (patient_id, id);
create index mandate_by_caregiver on mandate (caregiver_id, id);

grant insert, update on platform.access_grant to openhcs_registry;

-- Numbers by which states and insurers know a person. Encrypted; found by a blind index. See platform/encryption.ts.
create table identifier (
  id              uuid primary key,
  patient_id      uuid references patient on delete cascade,
  practitioner_id uuid references practitioner on delete cascade,
  kind            text not null check (kind in ('national', 'tax', 'insurance')),
  country         text not null,
  issuer          text,
  sealed          text not null,
  key_name        text not null generated always as (split_part(sealed, '.', 2)) stored,
  last            text not null check (length(last) <= 4),
  verified_by     uuid, -- account of the administrator who saw the paper
  verified_at     timestamptz,
  demo            boolean not null default platform.is_demo(),
  created_at      timestamptz not null,
  constraint identifier_of_one check (num_nonnulls(patient_id, practitioner_id) = 1),
  constraint identifier_verified_by_somebody check ((verified_by is null) = (verified_at is null))
);
create index identifier_by_patient on identifier (patient_id, id) where patient_id is not null;
create index identifier_by_practitioner on identifier (practitioner_id, id) where practitioner_id is not null;
create index identifier_by_key on identifier (key_name, id);

-- One row for each key that is not retired, so that a number stays unique while keys are changed.
create table identifier_index (
  identifier_id uuid not null references identifier on delete cascade,
  key_name      text not null,
  digest        bytea not null,
  verified      boolean not null,
  primary key (identifier_id, key_name)
);
-- Two people cannot have the same number; anybody may claim one until it is verified, or a stranger could keep its owner out.
create unique index identifier_verified_once on identifier_index (key_name, digest) where verified;
create index identifier_index_by_digest on identifier_index (key_name, digest);

-- Organisations and their desks, people without an account and how they get one, donors and administrators, pictures of all of them, and who was
-- deactivated: a record that is out of use stays, since others refer to it.

create table organisation (
  id             uuid primary key,
  name           text not null,
  city           text not null,
  country        text not null,
  phone          text,
  email          text,
  photo_key      text,
  photo_type     text,
  deactivated_at timestamptz,
  deactivated_by uuid,
  version        integer not null default 1,
  demo           boolean not null default platform.is_demo(),
  created_at     timestamptz not null,
  updated_at     timestamptz not null
);
create index organisation_by_name on organisation (name, id);
create index organisation_by_words on organisation using gin (fold(name || ' ' || city) platform.gin_trgm_ops);

alter table place add column organisation_id uuid;
alter table place add constraint place_organisation foreign key (organisation_id) references organisation not valid;
alter table place add column deactivated_at timestamptz;
alter table place add column deactivated_by uuid;
alter table speciality add column deactivated_at timestamptz;
alter table speciality add column deactivated_by uuid;

-- The organisation at whose desk somebody was registered; null: they made their own profile.
alter table practitioner add column organisation_id uuid;
alter table practitioner add constraint practitioner_organisation foreign key (organisation_id) references organisation not valid;
alter table practitioner add column deactivated_at timestamptz;
alter table practitioner add column deactivated_by uuid;
alter table patient add column organisation_id uuid;
alter table patient add constraint patient_organisation foreign key (organisation_id) references organisation not valid;
alter table patient add column photo_key text;
alter table patient add column photo_type text;
alter table patient add column deactivated_at timestamptz;
alter table patient add column deactivated_by uuid;
alter table caregiver add column photo_key text;
alter table caregiver add column photo_type text;
alter table caregiver add column deactivated_at timestamptz;
alter table caregiver add column deactivated_by uuid;

create table donor (
  id             uuid primary key,
  account_id     uuid not null constraint donor_one_per_account unique,
  name           text not null,
  language       text not null,
  phone          text,
  email          text,
  anonymous      boolean not null default true, -- whether lists of donors leave the name out
  photo_key      text,
  photo_type     text,
  deactivated_at timestamptz,
  deactivated_by uuid,
  version        integer not null default 1,
  demo           boolean not null default platform.is_demo(),
  created_at     timestamptz not null,
  updated_at     timestamptz not null
);

create table administrator (
  id             uuid primary key,
  account_id     uuid not null constraint administrator_one_per_account unique,
  name           text not null,
  language       text not null,
  duty           text,
  phone          text,
  email          text,
  deactivated_at timestamptz,
  deactivated_by uuid,
  version        integer not null default 1,
  demo           boolean not null default platform.is_demo(),
  created_at     timestamptz not null,
  updated_at     timestamptz not null
);

-- A slip that is printed at a desk, by which a person takes over their own record. Only the code's hash is kept.
create table claim_code (
  id           uuid primary key,
  subject_type text not null check (subject_type in ('Patient', 'Practitioner')),
  subject_id   uuid not null,
  code_hash    bytea not null constraint claim_code_hash unique,
  made_by      uuid not null,
  expires_at   timestamptz not null,
  used_at      timestamptz,
  used_by      uuid,
  replaced_at  timestamptz,
  wrong        integer not null default 0, -- tries with another birth date
  created_at   timestamptz not null
);
create unique index claim_code_one_at_a_time on claim_code (subject_id) where used_at is null and replaced_at is null;

-- Wrong codes that an account has entered; old ones are dropped.
create table claim_attempt (
  id         uuid primary key,
  account_id uuid not null,
  at         timestamptz not null
);
create index claim_attempt_by_account on claim_attempt (account_id, at);

-- Whether somebody looks after a record themselves. Not by its account alone: of two that became one, both accounts are the person.
create function is_somebodys(record uuid) returns boolean language plpgsql stable as $$
begin
  return exists (
    select from platform.access_grant g where g.subject_id = record and g.relationship = 'self' and g.revoked_at is null);
end $$;

grant insert, update on platform.membership, platform.desk_grant to openhcs_registry;

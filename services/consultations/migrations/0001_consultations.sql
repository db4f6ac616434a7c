-- Drafts, and what FHIR has no place for. What is signed is in the ground's store (platform/migrations/0016_fhir_store.sql).

create table consultation (
  id               uuid primary key, -- also of its Encounter
  patient_id       uuid not null,
  practitioner_id  uuid not null,
  account_id       uuid not null, -- who began it
  practitioner_ids uuid[] not null default '{}', -- who give it too
  appointment_id   uuid,
  queue_entry_id   uuid,
  mode             text not null check (mode in ('in-person', 'video', 'phone')),
  link             text,
  category         text not null,
  also             text[] not null default '{}', -- other sensitive categories that its note speaks of
  status           text not null default 'in-progress' check (status in ('in-progress', 'final', 'amended', 'entered-in-error')),
  composition_id   uuid not null unique,
  started_at       timestamptz not null,
  signed_at        timestamptz,
  version          integer not null default 1,
  drafted          integer not null default 0, -- the last version of its drafts that are gone: the next one goes on from there
  demo             boolean not null default platform.is_demo()
);
-- A visit is begun once, and again only where that was an error.
create unique index consultation_by_appointment on consultation (appointment_id) where status <> 'entered-in-error';
create unique index consultation_by_queue_entry on consultation (queue_entry_id) where status <> 'entered-in-error';
create index consultation_by_patient on consultation (patient_id, started_at, id);
create index consultation_by_account on consultation (account_id, started_at, id);
create index consultation_by_practitioners on consultation using gin (practitioner_ids);

create table draft (
  consultation_id uuid primary key references consultation on delete cascade,
  sections        jsonb not null,
  changes         jsonb not null, -- by section: the version of the draft in which it was changed last, by which practitioner, when
  amends          integer, -- the version of the Composition that it is to replace
  reason          text,
  updated_at      timestamptz not null,
  began           integer not null, -- its first version
  version         integer not null
);

-- Until they are signed, when they become a Binary.
create table attachment (
  id              uuid primary key,
  consultation_id uuid not null references consultation on delete cascade,
  title           text not null,
  content_type    text not null,
  content         bytea not null,
  added_at        timestamptz not null
);
create index attachment_by_consultation on attachment (consultation_id);

-- What a merge of two patients moved, so that it can be given back.
create table merge_moved (
  merge_id        uuid not null,
  consultation_id uuid not null references consultation on delete cascade,
  primary key (merge_id, consultation_id)
);

-- Who is told that something was changed meanwhile is told by whom.
grant select on platform.audit_event to openhcs_consultations;

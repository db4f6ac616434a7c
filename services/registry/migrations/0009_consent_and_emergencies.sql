-- A practitioner who had to open a record without being asked to: for four hours, and looked into afterwards.
create table break_glass (
  id              uuid primary key,
  patient_id      uuid not null references patient,
  practitioner_id uuid not null references practitioner,
  account_id      uuid not null,
  reason          text not null,
  opened_at       timestamptz not null,
  open_until      timestamptz not null,
  verdict         text check (verdict in ('justified', 'unjustified')),
  note            text,
  reviewed_by     uuid,
  reviewed_at     timestamptz,
  version         integer not null default 1,
  demo            boolean not null default platform.is_demo(),
  constraint break_glass_reviewed check ((verdict is null) = (reviewed_at is null))
);
create index break_glass_to_review on break_glass (id) where verdict is null;

-- Every answer to a question of consent, with the version of the text that was read; the newest counts. What is refused is also a row of platform.refusal.
create table consent (
  id           uuid primary key,
  patient_id   uuid not null references patient,
  purpose      text not null,
  category     text not null,
  decision     text not null check (decision in ('permit', 'deny')),
  text_version text not null,
  recorded_by  uuid not null,
  relationship text not null check (relationship in ('self', 'mandate')),
  recorded_at  timestamptz not null,
  demo         boolean not null default platform.is_demo()
);
create index consent_by_patient on consent (patient_id, purpose, category, id);

grant insert, delete on platform.refusal to openhcs_registry;
-- The log of who saw a record is read from the audit itself.
grant select on platform.audit_event to openhcs_registry;

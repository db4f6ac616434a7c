-- What people write to others: one patient, those whom a practitioner treats, or everybody of a role.

create table message (
  id              uuid primary key,
  account_id      uuid not null, -- who writes
  practitioner_id uuid,          -- as whom; null: as an administrator
  audience        text not null check (audience in ('patient', 'panel', 'role')),
  patient_id      uuid,          -- of `patient`
  role            text,          -- of `role`
  visits_from     timestamptz,   -- of `panel`: who had or has a visit between these
  visits_until    timestamptz,
  category        text not null check (category in ('general', 'mental-health', 'sexual-health', 'hiv', 'substance-use')),
  text            text not null,
  status          text not null check (status in ('draft', 'sending', 'sent', 'stopped')),
  counted         jsonb not null, -- whom it reaches by which way, when that was last counted
  version         integer not null,
  created_at      timestamptz not null,
  confirmed_at    timestamptz,
  ended_at        timestamptz,   -- everybody was told, or it was stopped
  demo            boolean not null default platform.is_demo(),
  constraint message_to_somebody check ((audience = 'patient') = (patient_id is not null) and (audience = 'role') = (role is not null)),
  constraint message_by_who_treats check (audience = 'role' or practitioner_id is not null),
  constraint message_confirmed check (status in ('draft', 'stopped') or confirmed_at is not null)
);
create index message_by_account on message (account_id, id);
create index message_by_audience on message (audience, id) where audience = 'role';
create index message_by_patient on message (patient_id) where patient_id is not null;
create index message_confirmed_lately on message (audience, confirmed_at) where confirmed_at is not null; -- for limits

-- Who is to be told, as it was confirmed. A row changes with the notification, in one transaction: nobody is told twice, and nobody is left out.
create table message_recipient (
  message_id uuid not null references message on delete cascade,
  about      uuid not null, -- the patient; of a message to a role the account itself
  account_id uuid not null,
  part       text not null check (part in ('patient', 'caregiver', 'person')),
  state      text not null default 'waiting' check (state in ('waiting', 'told', 'skipped')),
  demo       boolean not null default platform.is_demo(),
  primary key (message_id, about, account_id)
);
create index message_recipient_waiting on message_recipient (message_id, about, account_id) where state = 'waiting';
create index message_recipient_by_account on message_recipient (account_id);
create index message_recipient_by_about on message_recipient (about);

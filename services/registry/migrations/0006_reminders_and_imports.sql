-- Who has been reminded that a licence ends, and imports from CSV.

create table licence_reminder (
  licence_id uuid not null references licence,
  days       integer not null,
  sent_at    timestamptz not null,
  primary key (licence_id, days)
);

create table import (
  id              uuid primary key,
  organisation_id uuid not null references organisation,
  kind            text not null check (kind in ('patients', 'practitioners')),
  dry_run         boolean not null,
  status          text not null check (status in ('waiting', 'done')),
  content         text, -- until it is done: it is full of personal data
  made_by         uuid not null,
  lines           integer not null,
  next_line       integer not null default 0,
  created         integer not null default 0,
  changed         integer not null default 0,
  unchanged       integer not null default 0,
  refused         integer not null default 0,
  created_at      timestamptz not null,
  done_at         timestamptz
);
create index import_by_organisation on import (organisation_id, id);

create table import_fault (
  import_id uuid not null references import,
  line      integer not null,
  position  integer not null,
  key       text not null,
  field     text not null,
  fault     text not null,
  primary key (import_id, line, position)
);

-- What a line of an organisation's file stands for, so that the same file again changes nothing. `hash` is of what was written then.
create table import_source (
  organisation_id uuid not null references organisation,
  kind            text not null,
  key             text not null,
  subject_id      uuid not null,
  hash            bytea not null,
  primary key (organisation_id, kind, key)
);
create index import_source_by_subject on import_source (subject_id);

-- Exports of many records at once, by apps that come for themselves (hl7.org/fhir/uv/bulkdata).
create table bulk_export (
  id         uuid primary key,
  client_id  uuid not null,
  slot       smallint not null check (slot between 1 and 2), -- so many at once
  status     text not null default 'running' check (status in ('running', 'done', 'failed', 'ended', 'erased', 'full')), -- of the last four no file is shown; erased: somebody who was in it; full: it took more room than an app has
  request    text not null, -- the address that was asked
  types      text[] not null,
  searches   text[] not null, -- `Observation?category=vital-signs`
  patients   text[], -- null: of all
  since      timestamptz,
  of_patients boolean not null, -- nothing that is about nobody
  granted    text not null, -- as the app's grant was; with another one nothing of it is shown
  as_of      timestamptz not null,
  position   integer not null default 0, -- in types
  after_id   text not null default '', -- how far it is in that type
  step       integer not null default 0,
  failures   smallint not null default 0, -- of this step
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create unique index bulk_export_at_once on bulk_export (client_id, slot) where status = 'running';
create index bulk_export_by_end on bulk_export (expires_at);
create index bulk_export_by_client on bulk_export (client_id);

-- Written down before the file is kept, so that none is ever left that no row knows.
create table bulk_file (
  export_id uuid not null references bulk_export on delete cascade,
  step      integer not null,
  kind      text not null check (kind in ('output', 'deleted')),
  type      text not null,
  file_key  text not null,
  lines     integer not null,
  bytes     bigint not null,
  whole     boolean not null default false, -- part of what is shown
  primary key (export_id, step, kind, file_key)
);
create index bulk_file_by_key on bulk_file (file_key);

-- Whose records an export has taken out so far: of each an audit row, once.
create table bulk_seen (
  export_id  uuid not null references bulk_export on delete cascade,
  patient_id text not null,
  primary key (export_id, patient_id)
);

-- Resources that somebody brings in, a line each.
create table bulk_import (
  id         uuid primary key,
  made_by    uuid not null,
  actor      text not null check (actor in ('account', 'client')),
  types      text[] not null, -- that whoever brings them may
  status     text not null default 'running' check (status in ('running', 'done')),
  file_key   text, -- null: it has been gone through, and its file is gone
  next_byte  integer not null default 0,
  next_line  integer not null default 1,
  created    integer not null default 0,
  unchanged  integer not null default 0,
  refused    integer not null default 0,
  failures   smallint not null default 0, -- of this batch
  missing    text[] not null default '{}', -- what was referred to and was not there yet
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index bulk_import_by_end on bulk_import (expires_at);
create unique index bulk_import_one_at_a_time on bulk_import (made_by) where status = 'running';

-- What is wrong with which line; in words that repeat nothing of it.
create table bulk_fault (
  import_id   uuid not null references bulk_import on delete cascade,
  line        integer not null,
  code        text not null,
  diagnostics text not null,
  primary key (import_id, line)
);

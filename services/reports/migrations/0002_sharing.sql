-- What is shared by links. Neither the link's key nor the secret of its address is here: files open with what its holder has alone.

create table health_link (
  id            uuid primary key,
  patient_id    uuid not null,
  account_id    uuid not null, -- who made it, and what they see is what it may show
  secret_hash   bytea not null unique, -- SHA-256 of the 256 bits in its address
  what          text not null check (what in ('summary', 'immunizations', 'report')),
  report_id     uuid,
  label         text,
  passcode_mac  bytea, -- under a key that is not in the database
  attempts_left integer not null, -- of its whole life
  is_one_file   boolean not null,
  is_long_term  boolean not null,
  created_at    timestamptz not null,
  expires_at    timestamptz not null,
  revoked_at    timestamptz,
  opened        integer not null default 0,
  content_type  text not null,
  content       text, -- JWE; null: given up
  categories    text[] not null, -- what of the content is sensitive
  holds         text[] not null, -- what it is a copy of: it may be more sensitive by now
  updated_at    timestamptz not null,
  demo          boolean not null default platform.is_demo(),
  check (revoked_at is null or content is null) -- who renews it while it is revoked opens it for nobody
);
create index health_link_by_patient on health_link (patient_id, created_at, id);
create index health_link_by_expiry on health_link (expires_at) where content is not null;
create index health_link_by_report on health_link (report_id) where report_id is not null;

-- Who says that they opened it.
create table health_link_opening (
  id        uuid primary key,
  link_id   uuid not null references health_link on delete cascade,
  at        timestamptz not null,
  recipient text not null
);
create index health_link_opening_by_link on health_link_opening (link_id, at, id);

-- What a merge of two patients moved, so that it can be given back.
create table health_link_moved (
  merge_id uuid not null,
  link_id  uuid not null references health_link on delete cascade,
  primary key (merge_id, link_id)
);
create index health_link_moved_by_link on health_link_moved (link_id);

-- The ground's tables: who may do what, what took effect once, what was seen. Rooms read them; each is written by one room or by all.

create extension if not exists btree_gist;
create extension if not exists pg_trgm;
create extension if not exists unaccent;

-- One row: facts about this installation. `demo` marks a fictional country; see `openhcs demo`.
create table installation (
  only_row boolean primary key default true check (only_row),
  demo     boolean not null default false,
  demo_seed text
);
insert into installation default values;

-- Default of the `demo` column of everything that stands for a person or place: in a demonstration all of them are fictional.
-- In PL/pgSQL, as every function here that is called for single rows: its plan is kept, where SQL functions are set up anew for each call.
create function is_demo() returns boolean language plpgsql stable as $$
begin
  return (select demo from platform.installation);
end $$;

-- Sessions and granted roles: written by identity.
create table session (
  id         uuid primary key,
  account_id uuid not null,
  token_hash bytea not null unique,
  device     text,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index session_by_account on session (account_id);
create index session_by_end on session (expires_at); -- identity forgets those that ended long ago

create table role_grant (
  account_id uuid not null,
  role       text not null check (role in ('practitioner', 'caregiver', 'patient', 'donor', 'administrator')),
  granted_by uuid,
  granted_at timestamptz not null,
  revoked_at timestamptz,
  rests_at   timestamptz, -- out of use with the profile: nothing may be done by it until that is back; written by registry
  primary key (account_id, role)
);

-- Relationships between an account and a person's data: written by registry.
create table access_grant (
  id           uuid primary key,
  account_id   uuid not null,
  relationship text not null check (relationship in ('self', 'licence', 'mandate', 'treatment', 'consent', 'break-glass')),
  subject_type text not null check (subject_type in ('Patient', 'Practitioner', 'Caregiver', 'Donor')),
  subject_id   uuid not null,
  powers       text[] not null default '{}',
  source_id    uuid, -- the mandate, licence or appointment it follows from
  valid_from   timestamptz not null,
  valid_until  timestamptz check (valid_until > valid_from),
  revoked_at   timestamptz
);
create index access_grant_by_account on access_grant (account_id, subject_id) include (relationship, powers, valid_from, valid_until, revoked_at);
-- Who an account is, and whether it may practise, each request asks: not among all whom it treats.
create index access_grant_of_oneself on access_grant (account_id, relationship) include (subject_type, subject_id, valid_from, valid_until, revoked_at)
  where relationship in ('self', 'licence');
create index access_grant_by_subject on access_grant (subject_id);
create unique index access_grant_by_source on access_grant (source_id, account_id, relationship) where revoked_at is null;

-- The one condition by which data of a person may be touched. Returns the relationship that permits it, or null.
create function may(account uuid, subject uuid, power text, at timestamptz) returns text language plpgsql stable parallel safe as $$
begin
  return (
    select g.relationship from platform.access_grant g
    where g.account_id = account and g.subject_id = subject and power = any (g.powers)
      and g.revoked_at is null and g.valid_from <= at and (g.valid_until is null or g.valid_until > at)
      -- Treating somebody opens their record to who may practise, and no longer.
      and (g.relationship <> 'treatment' or exists (
        select from platform.access_grant l where l.account_id = account and l.relationship = 'licence'
          and l.revoked_at is null and l.valid_from <= at and (l.valid_until is null or l.valid_until > at)))
    order by g.relationship = 'self' desc limit 1);
end $$;

-- Patients who are out of use: nobody books for them. Written by registry, read by whoever takes something new on.
create table out_of_use (
  subject_id uuid primary key,
  since      timestamptz not null
);

-- What took effect once: answers kept under an Idempotency-Key, and deliveries of events (the inbox).
create table once (
  scope      text not null,
  key        text not null,
  hash       text,
  answer     json, -- json, not jsonb: the answer is given again byte for byte
  created_at timestamptz not null,
  primary key (scope, key)
);
create index once_by_age on once (created_at);

-- Insert-only; see platform/audit/seal.ts for how it is sealed. In partitions by ranges of ids, since seals name ids, and ids grow with time.
-- 0014_audit_partitions.sql makes those to come; what no partition is there for lands in the net, so that no write ever fails for the lack of one.
create table audit_event (
  id           bigint generated always as identity primary key,
  at           timestamptz not null,
  account_id   uuid,
  actor        text not null,
  room         text not null,
  operation    text not null,
  trace_id     text not null,
  action       text not null check (action in ('C', 'R', 'U', 'D', 'E')),
  entity       text not null,
  subject      text,
  relationship text,
  reason       text
) partition by range (id);
create index audit_event_by_subject on audit_event (subject, id) where subject is not null;
create table audit_event_net partition of audit_event default;
create table audit_event_1 partition of audit_event for values from (1) to (1000001);
create table audit_event_1000001 partition of audit_event for values from (1000001) to (2000001);
create table audit_event_2000001 partition of audit_event for values from (2000001) to (3000001);

-- All rows of a seal are in one partition. The digest is kept so that the chain can be followed past rows that were handed out.
create table audit_seal (
  id        integer generated always as identity primary key,
  ids       int8multirange not null,
  newest_id bigint not null,
  count     integer not null,
  digest    text not null,
  seal      text not null,
  sealed_at timestamptz not null
);

-- Every room's role is a member of openhcs_room.
grant select on installation, session, role_grant, access_grant, out_of_use to openhcs_room;
grant select, insert on once to openhcs_room;
grant insert on audit_event to openhcs_room;
-- What one room alone may write, its own first migration grants.

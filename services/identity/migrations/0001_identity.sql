-- Accounts and what guards them. Sessions and granted roles are ground tables (platform.session, platform.role_grant), since every room
-- reads them; this room alone writes them.

-- Makes salts of this installation differ from those of any other; see password_hash below.
create table salt (
  only_row boolean primary key default true check (only_row),
  value    bytea not null
);
insert into salt (value) values (decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));

create table account (
  id            uuid primary key,
  user_name     text, -- as it was written
  user_name_key text constraint account_user_name unique, -- folded: see identifiers.ts
  phone         text, -- E.164
  email         text,
  name          text not null,
  language      text not null,
  -- argon2id. Accounts that sign in by phone share one salt per number, so that one hash tells which of them is meant.
  password_hash text not null,
  disabled_at   timestamptz,
  version       integer not null default 1,
  demo          boolean not null default platform.is_demo(),
  created_at    timestamptz not null,
  updated_at    timestamptz not null,
  constraint account_can_be_named check (user_name_key is not null or phone is not null)
);
-- A family may share a phone; number and password together name one account.
create unique index account_phone_password on account (phone, password_hash) where phone is not null and disabled_at is null;

-- Failed sign-ins of the last minutes, by a keyed hash of what was typed: for accounts that do not exist as for those that do.
create table sign_in_attempt (
  key          bytea primary key,
  failures     timestamptz[] not null,
  latest_at    timestamptz not null,
  succeeded_at timestamptz -- somebody signed in from here: see limit-sign-in.ts
);
create index sign_in_attempt_by_age on sign_in_attempt (latest_at);

grant insert, update, delete on platform.session to openhcs_identity;
grant insert, update on platform.role_grant to openhcs_identity;
-- Its jobs seal the audit, make its partitions and forget old answers.
grant select on platform.audit_event, platform.audit_detached to openhcs_identity;
grant select, insert on platform.audit_seal to openhcs_identity;
grant execute on function platform.make_audit_partitions(timestamptz), platform.audit_room() to openhcs_identity;
grant delete on platform.once to openhcs_identity;

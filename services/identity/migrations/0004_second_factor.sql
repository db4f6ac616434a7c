-- A second factor: time-based one-time passwords (RFC 6238), and codes for when the device is lost.
create table totp (
  account_id   uuid primary key references account on delete cascade,
  secret       text not null,  -- sealed under a data key: see sealed.ts
  confirmed_at timestamptz,    -- until then it is an offer, and asked of nobody
  last_step    bigint,         -- the newest time step that was used: neither it nor one before it opens again
  created_at   timestamptz not null,
  key_name     text not null generated always as (split_part(secret, '.', 2)) stored
);
create index totp_by_key on totp (key_name, account_id);

create table recovery_code (
  account_id uuid not null references account on delete cascade,
  hash       bytea not null, -- under the data key of its day: see platform/data-keys.ts
  used_at    timestamptz,
  primary key (account_id, hash)
);

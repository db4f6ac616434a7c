-- A second factor: time-based one-time passwords (RFC 6238), and codes for when the device is lost.
create table totp (
  account_id   uuid primary key references account on delete cascade,
  secret       text not null,  -- sealed: see sign-in/sealing.ts
  confirmed_at timestamptz,    -- until then it is an offer, and asked of nobody
  last_step    bigint,         -- the newest time step that was used: neither it nor one before it opens again
  created_at   timestamptz not null
);

create table recovery_code (
  account_id uuid not null references account on delete cascade,
  hash       bytea not null,
  used_at    timestamptz,
  primary key (account_id, hash)
);

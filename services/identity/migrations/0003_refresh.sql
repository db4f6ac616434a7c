-- Refresh tokens of a session, spent ones too: one that comes back tells that two hold it. Kept until the session's absolute end.
create table refresh_token (
  hash       bytea primary key,
  session_id uuid not null,
  created_at timestamptz not null,
  used_at    timestamptz,
  expires_at timestamptz not null
);
create index refresh_token_by_end on refresh_token (expires_at);

-- Challenges that have been answered; they carry their own end, and after it need no memory.
create table spent_challenge (
  hash       bytea primary key,
  expires_at timestamptz not null
);
create index spent_challenge_by_end on spent_challenge (expires_at);

-- Apps, what the OAuth provider must remember, and the keys it signs with. Access tokens and grants are rows of platform.session, where every room finds them.
create table oauth_client (
  id            uuid primary key,
  name          text not null,
  redirect_uris text[] not null,
  scope         text not null, -- the most that it may be given
  -- Its public keys; null: an app that cannot keep a key, on a phone or in a browser.
  jwks          jsonb,
  created_by    uuid,
  version       integer not null default 1,
  created_at    timestamptz not null,
  updated_at    timestamptz not null,
  revoked_at    timestamptz
);

-- Codes, refresh tokens, sign-ins on the provider's pages, assertions that were seen. Found by a hash, and the payload is sealed: who reads this table
-- can use nothing of it.
create table oauth_state (
  model       text not null,
  key         bytea not null,
  payload     text not null, -- sealed under a data key: see oauth/state.ts
  uid         text,
  grant_id    uuid,
  account_id  uuid,
  signed_in_at timestamptz, -- of a sign-in: the session in platform.session that it stands and falls with
  consumed_at timestamptz,
  expires_at  timestamptz not null,
  key_name    text not null generated always as (split_part(payload, '.', 2)) stored,
  primary key (model, key)
);
create index oauth_state_by_key on oauth_state (key_name);
create index oauth_state_by_uid on oauth_state (uid) where uid is not null;
create index oauth_state_by_grant on oauth_state (grant_id) where grant_id is not null;
create index oauth_state_by_end on oauth_state (expires_at);

-- Private keys, sealed under a data key: see sealed.ts. The newest signs; older ones stay in the JWKS until nothing that they signed is valid any more.
create table oauth_key (
  kid        text primary key,
  jwk        text not null,
  created_at timestamptz not null
);

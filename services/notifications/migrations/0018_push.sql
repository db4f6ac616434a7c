-- Browsers that asked to be told (RFC 8030), and the key by which their push services know us (RFC 8292).

-- For as long as the installation lives: browsers are subscribed to this key and to no other.
create table push_key (
  only_row    boolean primary key default true check (only_row),
  public_key  text not null,   -- 65 octets, base64url: what browsers are given
  private_key text not null,   -- sealed
  created_at  timestamptz not null,
  key_name    text generated always as (split_part(private_key, '.', 2)) stored
);

create table push_subscription (
  id          uuid primary key,
  account_id  uuid not null,
  session_id  uuid,            -- in which it was made: it ends when that is ended
  host        text not null,   -- of the push service
  endpoint    bytea not null,  -- a digest: a browser has one reader, the last who signed in there
  sealed      text not null,   -- where, and for which keys
  created_at  timestamptz not null,
  key_name    text generated always as (split_part(sealed, '.', 2)) stored,
  demo        boolean not null default platform.is_demo(),
  constraint push_subscription_of_one unique (endpoint)
);
create index push_subscription_by_account on push_subscription (account_id, id);

-- One-time codes sent to a phone or a mailbox. Written for addresses that nobody has as for others: those are never right.
create table one_time_code (
  id         uuid primary key,
  purpose    text not null check (purpose in ('sign-in', 'verify')),
  account_id uuid,           -- no foreign key: to check it takes time, which would tell that somebody has this address
  target     bytea not null, -- a keyed digest of where it was sent
  hash       bytea not null, -- keyed: six digits are quickly tried
  tries      integer not null default 0 constraint one_time_code_five_tries check (tries <= 5),
  used_at    timestamptz,
  expires_at timestamptz not null
);
create index one_time_code_by_end on one_time_code (expires_at);

-- Where a code has reached somebody. It counts while the account still names it. One account for each address signs in by codes: whoever proves
-- it last. A mailbox is then nobody else's; a phone may be a family's, so whoever proved it before is still written to.
create table verified_contact (
  kind        text not null check (kind in ('phone', 'email')),
  address     text not null, -- E.164, or folded: see sign-in/contact.ts
  account_id  uuid not null references account on delete cascade,
  verified_at timestamptz not null,
  signs_in    boolean not null default true,
  primary key (kind, address, account_id)
);
create unique index verified_contact_signs_in on verified_contact (kind, address) where signs_in;
create index verified_contact_by_account on verified_contact (account_id);

-- Passkeys (WebAuthn): public keys, so nothing here is secret.
create table passkey (
  id            uuid primary key,
  account_id    uuid not null references account on delete cascade,
  credential_id text not null constraint passkey_once unique, -- base64url, as the authenticator gave it
  public_key    bytea not null,                               -- COSE
  counter       bigint not null,
  transports    text[] not null default '{}',
  backed_up     boolean not null,
  name          text not null,
  version       integer not null default 1,
  created_at    timestamptz not null,
  last_used_at  timestamptz
);
create index passkey_by_account on passkey (account_id);

-- Keys that sign what the house says of records: ES256. One signs at a time. What others signed is still checked by their public halves, which stay; their
-- private halves are destroyed. One that was withdrawn counts for nothing. Private halves are wrapped by the installation's secret key, as data keys are. See
-- platform/signing/ and docs/decisions/0056-keys-that-sign.md.
create table signing_key (
  kid          text primary key check (kid ~ '^[A-Za-z0-9_-]{43}$'), -- RFC 7638
  jwk          json not null,
  wrapped      bytea,
  created_at   timestamptz not null,
  retired_at   timestamptz,
  withdrawn_at timestamptz,
  check ((wrapped is null) = (retired_at is not null)),
  check (withdrawn_at is null or retired_at is not null)
);
create unique index signing_key_that_signs on signing_key ((true)) where retired_at is null;
grant select on signing_key to openhcs_room;

-- Made by whichever process signs first; retired and withdrawn by `openhcs keys`, as the owner.
create function next_signing_key(new_kid text, new_jwk json, new_wrapped bytea, at timestamptz) returns void language plpgsql security definer set search_path = platform, pg_temp as $$
begin
  perform pg_advisory_xact_lock(7305121);
  if not exists (select from signing_key where retired_at is null) then
    insert into signing_key (kid, jwk, wrapped, created_at) values (new_kid, new_jwk, new_wrapped, at);
  end if;
end $$;
revoke all on function next_signing_key(text, json, bytea, timestamptz) from public;
grant execute on function next_signing_key(text, json, bytea, timestamptz) to openhcs_room;

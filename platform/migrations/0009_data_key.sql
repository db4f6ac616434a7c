-- Keys under which rooms encrypt what must not lie about in clear. Each is wrapped by the installation's secret key, so that this table alone opens
-- nothing. The newest one encrypts; those that are not retired make blind indexes; all of them decrypt. See platform/data-keys.ts.
create table data_key (
  number     integer generated always as identity unique,
  name       text primary key check (name ~ '^k[0-9a-f]{12}$'),
  wrapped    bytea not null,
  created_at timestamptz not null,
  retired_at timestamptz
);
grant select on data_key to openhcs_room;

-- The first key is made by whichever process needs one first; all others by `openhcs keys rotate`, as the owner.
create function first_data_key(new_name text, new_wrapped bytea, at timestamptz) returns void language plpgsql security definer set search_path = platform, pg_temp as $$
begin
  perform pg_advisory_xact_lock(7305118);
  if not exists (select from data_key) then
    insert into data_key (name, wrapped, created_at) values (new_name, new_wrapped, at);
  end if;
end $$;
revoke all on function first_data_key(text, bytea, timestamptz) from public;
grant execute on function first_data_key(text, bytea, timestamptz) to openhcs_room;

-- Erasure, and copies of everything about a person. Rows here hold references, times and kinds, never what they are about.
create table erasure (
  id              uuid primary key,
  account_id      uuid,
  patient_id      uuid,
  practitioner_id uuid,
  caregiver_id    uuid,
  status          text not null default 'waiting' check (status in ('waiting', 'cancelled', 'running', 'done')),
  requested_by    uuid not null,
  reason          text not null, -- a code
  receipt_hash    bytea not null, -- of the code by which the receipt is read when there is no account any more
  receipt         json,
  due_at          timestamptz not null,
  done_at         timestamptz,
  created_at      timestamptz not null,
  claimed_by      uuid, -- the account that took the record over while this waited: theirs to call off, and told of it
  claimed_at      timestamptz,
  confirmed_at    timestamptz,
  constraint erasure_of_somebody check (num_nonnulls(account_id, patient_id, practitioner_id, caregiver_id) > 0),
  constraint erasure_done_has_receipt check ((status = 'done') = (done_at is not null and receipt is not null))
);
create unique index erasure_one_at_a_time on erasure (coalesce(account_id, patient_id, practitioner_id, caregiver_id)) where status in ('waiting', 'running');
create index erasure_by_account on erasure (account_id, id);
create index erasure_by_claimer on erasure (claimed_by, id) where claimed_by is not null;
create index erasure_by_end on erasure (done_at) where status = 'done';

create table data_export (
  id           uuid primary key,
  requested_by uuid not null,
  patient_id   uuid, -- null: everything that the one who asks is
  status       text not null default 'preparing' check (status in ('preparing', 'ready', 'expired')),
  file_key     text,
  bytes        integer,
  created_at   timestamptz not null,
  expires_at   timestamptz not null,
  constraint data_export_ready_has_file check ((status = 'ready') = (file_key is not null and bytes is not null))
);
create unique index data_export_one_at_a_time on data_export (requested_by, coalesce(patient_id, requested_by)) where status = 'preparing';
create index data_export_by_account on data_export (requested_by, id);
create index data_export_by_end on data_export (expires_at) where status <> 'expired';

-- Files that a record gave up, and those about to be kept. They go when no record of this room refers to the same content, an hour later at the earliest.
create table file_unused (
  key   text primary key,
  since timestamptz not null
);

-- A picture or certificate that was replaced. Its column is the trigger's argument.
create function note_replaced_file() returns trigger language plpgsql as $$
begin
  insert into registry.file_unused (key, since) values (to_jsonb(old) ->> tg_argv[0], new.updated_at) on conflict (key) do update set since = excluded.since;
  return null;
end $$;
create trigger practitioner_photo_replaced after update of photo_key on practitioner for each row
  when (old.photo_key is distinct from new.photo_key and old.photo_key is not null) execute function note_replaced_file('photo_key');
create trigger patient_photo_replaced after update of photo_key on patient for each row
  when (old.photo_key is distinct from new.photo_key and old.photo_key is not null) execute function note_replaced_file('photo_key');
create trigger caregiver_photo_replaced after update of photo_key on caregiver for each row
  when (old.photo_key is distinct from new.photo_key and old.photo_key is not null) execute function note_replaced_file('photo_key');
create trigger donor_photo_replaced after update of photo_key on donor for each row
  when (old.photo_key is distinct from new.photo_key and old.photo_key is not null) execute function note_replaced_file('photo_key');
create trigger organisation_photo_replaced after update of photo_key on organisation for each row
  when (old.photo_key is distinct from new.photo_key and old.photo_key is not null) execute function note_replaced_file('photo_key');
create trigger licence_certificate_replaced after update of certificate_key on licence for each row
  when (old.certificate_key is distinct from new.certificate_key and old.certificate_key is not null) execute function note_replaced_file('certificate_key');

-- Whether any column of this room that holds keys of files holds this one. Tables that come later are looked at too.
create function file_is_used(sought text) returns boolean language plpgsql stable as $$
declare
  one record;
  found_it boolean;
begin
  for one in select a.attrelid::regclass as tab, a.attname as col from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.relnamespace = 'registry'::regnamespace and c.relkind = 'r' and a.attname like '%\_key' and a.atttypid = 'text'::regtype and not a.attisdropped loop
    execute format('select exists (select from %s where %I = $1)', one.tab, one.col) into found_it using sought;
    if found_it then
      return true;
    end if;
  end loop;
  return false;
end $$;

alter table patient add column erased_at timestamptz;
alter table practitioner add column erased_at timestamptz;
alter table caregiver add column erased_at timestamptz;

grant delete on platform.access_grant to openhcs_registry;
-- "Who saw my record" is part of what a person may have.
grant select on platform.audit_event to openhcs_registry;

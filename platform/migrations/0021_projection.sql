-- What the FHIR store shows of a room's own tables follows from its rows, in the transaction that changes them. See docs/decisions/0046-projected-resources.md.

-- Resources to be made anew, noted by the rows that they follow from. Of a transaction of a room none is left at its end; what the owner of the database
-- changed (a migration, the demonstration) a job of the room takes.
create table projection_due (
  change         bigint generated always as identity primary key,
  type           text not null,
  id             text not null,
  in_transaction xid8 not null default pg_current_xact_id()
);
create index projection_due_by_transaction on projection_due (in_transaction, type, id);
grant select, insert, update, delete on projection_due to openhcs_room;

create function refuse_unprojected() returns trigger language plpgsql as $$
begin
  if current_setting('role') <> 'none' and exists (select from platform.projection_due d where d.change = new.change) then
    raise exception 'a transaction ends and the store does not show what it changed: run it by projected()';
  end if;
  return null;
end $$;
create constraint trigger projection_due_is_done after insert on projection_due deferrable initially deferred
  for each row execute function refuse_unprojected();

-- Of rows that are resources under their own ids; the trigger's arguments are the types.
create function note_own_projection() returns trigger language plpgsql as $$
begin
  insert into platform.projection_due (type, id)
    select t, (case tg_op when 'DELETE' then old.id else new.id end)::text from unnest(tg_argv) t;
  return null;
end $$;

-- Of rows that others tell of; the arguments are the column that tells the id, and the types.
create function note_projection() returns trigger language plpgsql as $$
begin
  insert into platform.projection_due (type, id)
    select t, i.id from unnest(tg_argv[1:]) t
    cross join (select to_jsonb(new) ->> tg_argv[0] as id where tg_op <> 'DELETE' union select to_jsonb(old) ->> tg_argv[0] where tg_op <> 'INSERT') i
    where i.id is not null;
  return null;
end $$;

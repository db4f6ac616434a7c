-- What FHIR clients say of these beyond the columns of their rows, as they wrote it last: the columns are laid over it (projection/to-fhir.ts). Text, so that
-- decimals and the order of members stay. See docs/decisions/0051-keepers.md.
create table said (
  type     text not null check (type in ('Patient', 'Practitioner', 'PractitionerRole', 'Organization', 'Location')),
  id       uuid not null,
  resource text not null,
  primary key (type, id)
);

create function note_said() returns trigger language plpgsql as $$
declare
  changed registry.said := case tg_op when 'DELETE' then old else new end;
begin
  -- Nearly always the row that it is of has just been noted.
  insert into platform.projection_due (type, id) select changed.type, changed.id::text
    where not exists (select from platform.projection_due d where d.in_transaction = pg_current_xact_id() and d.type = changed.type and d.id = changed.id::text);
  return null;
end $$;
create trigger said_projected after insert or update or delete on said for each row execute function note_said();

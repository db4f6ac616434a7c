-- What FHIR clients say of these beyond the columns of their rows, as they wrote it last: the columns are laid over it (projection/to-fhir.ts). Text, so that
-- decimals and the order of members stay. See docs/decisions/0051-keepers.md.
create table said (
  type     text not null check (type in ('Patient', 'Practitioner', 'PractitionerRole', 'Organization', 'Location')),
  id       uuid not null,
  resource text not null,
  primary key (type, id)
);

create function note_said() returns trigger language plpgsql as $$
begin
  insert into platform.projection_due (type, id)
    values (case tg_op when 'DELETE' then old.type else new.type end, (case tg_op when 'DELETE' then old.id else new.id end)::text);
  return null;
end $$;
create trigger said_projected after insert or update or delete on said for each row execute function note_said();

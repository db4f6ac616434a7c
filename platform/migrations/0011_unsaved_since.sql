-- From when on data would be lost with this database: since its newest backup or, while there is none, since it was made. For metrics: rooms have no right
-- on the list of migrations, and this tells a moment only.
create function unsaved_since() returns timestamptz
language sql stable security definer set search_path = platform, pg_temp as $$
  select coalesce((select max(made_at) from backup), (select min(applied_at) from migration))
$$;
revoke all on function unsaved_since() from public;
grant execute on function unsaved_since() to openhcs_room;

-- FHIR R4 resources as JSON, each with what it is found by (docs/decisions/0045). One row for what is; what was is moved to fhir_past as it changes, so that
-- what is written once is stored once.

create sequence fhir_change;

create table fhir_resource (
  key        bigint generated always as identity primary key,
  type       text not null,
  id         text not null check (id ~ '^[A-Za-z0-9.-]{1,64}$'),
  version    integer not null,
  change     bigint not null, -- of all changes, in their order: for histories of a type and of all
  changed_at timestamptz not null, -- meta.lastUpdated
  method     text not null check (method in ('POST', 'PUT', 'PATCH', 'DELETE')),
  body       text, -- as it is sent; null: deleted
  about      text[] not null, -- ids of the patients whom it is about: who may see it is decided by those
  categories text[] not null default '{general}', -- of what is sensitive: see refusal
  tokens     text[] not null,
  refs       text[] not null,
  unique (type, id)
);
create index fhir_resource_by_type on fhir_resource (type, key) where body is not null;
create index fhir_resource_by_change on fhir_resource (change);
create index fhir_resource_by_update on fhir_resource (type, changed_at, key) where body is not null;
-- Keys begin with the type, since `gender=female` of patients and of practitioners are not one list.
create index fhir_resource_by_token on fhir_resource using gin (tokens);
create index fhir_resource_by_reference on fhir_resource using gin (refs);

create table fhir_past (
  key        bigint not null,
  version    integer not null,
  change     bigint not null,
  changed_at timestamptz not null,
  method     text not null,
  body       text,
  categories text[] not null, -- as they were: what was sensitive stays so when its label is taken away
  primary key (key, version)
);
create index fhir_past_by_change on fhir_past (change);

-- `parameter` is `Patient.name`; of a composite with its other part: `Observation.component-code-value-quantity=http://loinc.org|8480-6`. In the order of bytes, so that a prefix is a range.
create table fhir_string (
  key       bigint not null,
  parameter text collate "C" not null,
  value     text collate "C" not null, -- folded
  exact     text not null
);
create index fhir_string_by_value on fhir_string (parameter, value, key);
create index fhir_string_by_key on fhir_string (key, parameter);

create table fhir_date (
  key       bigint not null,
  parameter text collate "C" not null,
  low       timestamptz not null,
  high      timestamptz not null -- not included
);
create index fhir_date_by_low on fhir_date (parameter, low, key) include (high);
create index fhir_date_by_key on fhir_date (key, parameter);

create table fhir_quantity (
  key       bigint not null,
  parameter text collate "C" not null,
  unit      text not null, -- canonical; '': a number
  low       float8 not null,
  high      float8 not null
);
create index fhir_quantity_by_low on fhir_quantity (parameter, unit, low, key) include (high);
create index fhir_quantity_by_key on fhir_quantity (key, parameter);

create table fhir_position (
  key       bigint not null,
  latitude  float8 not null,
  longitude float8 not null
);
create index fhir_position_by_latitude on fhir_position (latitude, longitude, key);
create index fhir_position_by_key on fhir_position (key);

grant select on fhir_resource, fhir_past, fhir_string, fhir_date, fhir_quantity, fhir_position to openhcs_room;

-- Which room's role writes a type: filled by the migrator from what the rooms say they keep.
create table fhir_type (
  type text primary key,
  room text not null
);
grant select on fhir_type to openhcs_room;

create type fhir_written as (place integer, key bigint);

-- Writes what resources are found by. `written` and `changes` belong together by place.
create function fhir_index(written fhir_written[], changes json) returns void language plpgsql as $$
begin
  insert into platform.fhir_string (key, parameter, value, exact)
    select w.key, s.parameter, s.value, s.exact
    from unnest(written) w join json_to_recordset(changes) c(place int, strings json) on c.place = w.place and c.strings is not null
    cross join lateral json_to_recordset(c.strings) s(parameter text, value text, exact text);
  insert into platform.fhir_date (key, parameter, low, high)
    select w.key, s.parameter, s.low, s.high
    from unnest(written) w join json_to_recordset(changes) c(place int, dates json) on c.place = w.place and c.dates is not null
    cross join lateral json_to_recordset(c.dates) s(parameter text, low timestamptz, high timestamptz);
  insert into platform.fhir_quantity (key, parameter, unit, low, high)
    select w.key, s.parameter, s.unit, s.low, s.high
    from unnest(written) w join json_to_recordset(changes) c(place int, quantities json) on c.place = w.place and c.quantities is not null
    cross join lateral json_to_recordset(c.quantities) s(parameter text, unit text, low float8, high float8);
  insert into platform.fhir_position (key, latitude, longitude)
    select w.key, s.latitude, s.longitude
    from unnest(written) w join json_to_recordset(changes) c(place int, positions json) on c.place = w.place and c.positions is not null
    cross join lateral json_to_recordset(c.positions) s(latitude float8, longitude float8);
end $$;

-- Writes resources, each whole: new ones (version 1), and those that are at the version before. Tells the places of those that were written; the others were
-- not as the caller thought. Only the room that keeps a type writes it.
create function fhir_write(changes json) returns int[] language plpgsql security definer set search_path = platform, pg_temp as $$
declare
  created fhir_written[];
  changed fhir_written[] := '{}';
  is_foreign boolean;
  subscribes boolean;
begin
  select bool_or(t.room is null or current_setting('role') not in ('none', 'openhcs_' || t.room)), bool_or(c.type = 'Subscription') into is_foreign, subscribes
    from json_to_recordset(changes) c(type text) left join fhir_type t using (type);
  if is_foreign then
    raise insufficient_privilege using message = 'another room keeps this type';
  end if;
  with rows as (
    insert into fhir_resource (type, id, version, change, changed_at, method, body, about, categories, tokens, refs)
      select type, id, 1, nextval('fhir_change'), changed_at, method, body, about, categories, tokens, refs
      from json_to_recordset(changes) c(type text, id text, version int, changed_at timestamptz, method text, body text, about text[], categories text[], tokens text[], refs text[])
      where version = 1 order by type, id
      on conflict (type, id) do nothing returning key, type, id)
    select coalesce(array_agg((c.place, r.key)::fhir_written), '{}') into created
    from rows r join json_to_recordset(changes) c(place int, type text, id text, version int) on c.type = r.type and c.id = r.id and c.version = 1;
  if cardinality(created) < json_array_length(changes) then
    with before as (
      select r.key, r.version, r.change, r.changed_at, r.method, r.body, r.categories as were, c.place, c.changed_at as new_at, c.method as new_method, c.body as new_body, c.about, c.categories, c.tokens, c.refs
      from json_to_recordset(changes) c(place int, type text, id text, version int, changed_at timestamptz, method text, body text, about text[], categories text[], tokens text[], refs text[])
      join fhir_resource r on r.type = c.type and r.id = c.id
      where c.version > 1 and r.version = c.version - 1
      order by r.key for no key update of r),
    past as (insert into fhir_past (key, version, change, changed_at, method, body, categories) select key, version, change, changed_at, method, body, were from before),
    rows as (
      update fhir_resource r set version = b.version + 1, change = nextval('fhir_change'), changed_at = b.new_at, method = b.new_method, body = b.new_body,
        about = b.about, categories = b.categories, tokens = b.tokens, refs = b.refs
      from before b where r.key = b.key returning b.place, r.key)
      select coalesce(array_agg((place, key)::fhir_written), '{}') into changed from rows;
    delete from fhir_string where key = any (select (unnest(changed)).key);
    delete from fhir_date where key = any (select (unnest(changed)).key);
    delete from fhir_quantity where key = any (select (unnest(changed)).key);
    delete from fhir_position where key = any (select (unnest(changed)).key);
  end if;
  perform fhir_index(created || changed, changes);
  if subscribes then
    perform fhir_subscribe(created || changed, changes);
  end if;
  if exists (select from fhir_subscription) then
    perform fhir_announce(created || changed);
  end if;
  return array(select (unnest(created || changed)).place);
end $$;
revoke execute on function fhir_index(fhir_written[], json) from public;
revoke execute on function fhir_write(json) from public;
grant execute on function fhir_write(json) to openhcs_room;

-- The relationship by which an account may see something about these patients, of these categories: it is enough that it may of one of them. What is `Account/…` is
-- about nobody else, and that account's own.
create function may_see_resource(account uuid, about text[], categories text[], power text, at timestamptz) returns text language plpgsql stable parallel safe as $$
declare
  patient text;
  category text;
  relationship text;
begin
  foreach patient in array about loop
    if patient = 'Account/' || account then
      return 'owner';
    end if;
    continue when patient !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';
    foreach category in array categories loop
      relationship := platform.may_see(account, patient::uuid, power, category, at);
      exit when relationship is null;
    end loop;
    if relationship is not null then
      return relationship;
    end if;
  end loop;
  return null;
end $$;
grant execute on function may_see_resource(uuid, text[], text[], text, timestamptz) to openhcs_room;

-- Writes all of these or none, by somebody who may, with an audit row for each: one statement is one transaction. `writer` says who, and under which relationships what is about
-- patients may be written (none: whoever asks for the house). Raises OH403 where that is not so, and OH412 where a version is not the one before; the detail is the place.
create function fhir_store(changes json, writer json, at timestamptz) returns void language plpgsql as $$
declare
  by_account uuid := writer->>'account';
  within text := writer->>'within';
  under text[] := case when writer->>'relationships' is not null then array(select json_array_elements_text(writer->'relationships')) end;
  permitted json; -- {patient, categories, relationship}, each once: a bundle is mostly about one patient
  refused int;
  written int[];
begin
  select json_agg(json_build_object('patient', a.patient, 'categories', a.categories, 'relationship', s.relationship)) into permitted
    from (select distinct p as patient, c.categories from json_to_recordset(changes) c(about text[], categories text[]) cross join lateral unnest(c.about) p) a
    cross join lateral (select platform.may_see_resource(by_account, array[a.patient], a.categories, 'see-record', at) as relationship offset 0) s;
  select min(c.place) into refused
    from json_to_recordset(changes) c(place int, about text[], categories text[]) cross join lateral unnest(c.about) p
    join json_to_recordset(permitted) a(patient text, categories text[], relationship text) on a.patient = p and a.categories = c.categories
    where (under is not null and (a.relationship is null or a.relationship <> all (under))) or p <> within;
  if refused is not null then
    raise exception using errcode = 'OH403', message = 'may not write this', detail = refused::text;
  end if;
  written := platform.fhir_write(changes);
  if cardinality(written) < json_array_length(changes) then
    select min(c.place) into refused from json_to_recordset(changes) c(place int) where c.place <> all (written);
    raise exception using errcode = 'OH412', message = 'not the version before', detail = refused::text;
  end if;
  insert into platform.audit_event (at, account_id, actor, room, operation, trace_id, action, entity, subject, relationship)
    select at, by_account, writer->>'actor', writer->>'room', writer->>'operation', writer->>'trace',
      case when c.method = 'DELETE' then 'D' when c.version = 1 then 'C' else 'U' end, c.type || '/' || c.id, case when p not like 'Account/%' then 'Patient/' || p end, a.relationship
    from json_to_recordset(changes) c(place int, type text, id text, version int, method text, about text[], categories text[]) left join lateral unnest(c.about) p on true
    left join json_to_recordset(coalesce(permitted, '[]')) a(patient text, categories text[], relationship text) on a.patient = p and a.categories = c.categories
    order by c.place;
end $$;
grant execute on function fhir_store(json, json, timestamptz) to openhcs_room;

-- Reads of single resources, each by somebody, with an audit row for each that is about a patient. What may not be seen is not there.
create function fhir_read(wanted json, reading_room text, at timestamptz)
returns table (place int, type text, id text, version int, changed_at timestamptz, method text, body text, about text[], relationship text) language plpgsql as $$
begin
  return query
    with found as materialized (
      select w.place, r.type, r.id, r.version, r.changed_at, r.method, r.body, r.about, s.relationship, w.account, w.actor, w.operation, w.trace
      from json_to_recordset(wanted) w(place int, type text, id text, account uuid, within text, actor text, operation text, trace text)
      join platform.fhir_resource r on r.type = w.type and r.id = w.id
      cross join lateral (select case when r.about <> '{}' then platform.may_see_resource(w.account, r.about, r.categories, 'see-record', at) end as relationship) s
      where r.about = '{}' or (s.relationship is not null and (w.within is null or w.within = any (r.about)))),
    noted as (
      insert into platform.audit_event (at, account_id, actor, room, operation, trace_id, action, entity, subject, relationship)
        select fhir_read.at, f.account, f.actor, reading_room, f.operation, f.trace, 'R', f.type || '/' || f.id, 'Patient/' || p, f.relationship
        from found f cross join lateral unnest(f.about) p where p not like 'Account/%')
    select f.place, f.type, f.id, f.version, f.changed_at, f.method, f.body, f.about, f.relationship from found f;
end $$;
grant execute on function fhir_read(json, text, timestamptz) to openhcs_room;

-- Whom resources are about, anew: where two patients became one, or were parted. Nothing of what they say changes, and no version is made; only the room that keeps a type does it.
create function fhir_readdress(rows json) returns void language plpgsql security definer set search_path = platform, pg_temp as $$
begin
  update fhir_resource r set about = c.about, refs = c.refs
    from json_to_recordset(rows) c(key bigint, version int, about text[], refs text[])
    join fhir_type t on true
    where r.key = c.key and r.version = c.version and t.type = r.type and current_setting('role') in ('none', 'openhcs_' || t.room);
end $$;
revoke execute on function fhir_readdress(json) from public;
grant execute on function fhir_readdress(json) to openhcs_room;

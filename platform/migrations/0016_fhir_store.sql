-- FHIR R4 resources as JSON, each with what it is found by (docs/decisions/0045). One row for what is; what was is moved to fhir_past as it changes, so that
-- what is written once is stored once.

create sequence fhir_change;

create table fhir_resource (
  key        bigint generated always as identity primary key,
  type       text not null,
  id         text not null check (length(id) between 1 and 64 and id !~ '[^A-Za-z0-9.-]'), -- `{1,64}` would be an automaton with a state for each sign, made anew for each row
  version    integer not null,
  change     bigint not null, -- of all changes, in their order: for histories of a type and of all
  changed_at timestamptz not null, -- meta.lastUpdated
  method     text not null check (method in ('POST', 'PUT', 'PATCH', 'DELETE')),
  body       text, -- as it is sent; null: deleted
  about      text[] not null, -- ids of the patients whom it is about, who may see it is decided by those; Account/…: who wrote it, alone
  categories text[] not null default '{general}', -- of what is sensitive: see refusal
  tokens     text[] not null,
  refs       text[] not null,
  care_at    timestamptz, -- of what is about a patient, when that was: their record is read by it from its newest (fhir/store/care-dates.ts)
  held_by    text, -- the room that alone changes it, since something of its own says so: a signature, a plan
  unique (type, id)
);
create index fhir_resource_by_care on fhir_resource ((case when about[1] like 'Practitioner/%' then about[2] else about[1] end), care_at, key) where care_at is not null and body is not null;
create index fhir_resource_by_type on fhir_resource (type, key) where body is not null;
create index fhir_resource_deleted on fhir_resource (type, id) where body is null;
create index fhir_resource_by_change on fhir_resource (change);
create index fhir_resource_by_update on fhir_resource (type, changed_at, key) where body is not null;
-- Keys begin with the type, since `gender=female` of patients and of practitioners are not one list.
-- Not `fastupdate`: what waits to be put in its place would be read through by each search, up to 4 MB of it, and costs whoever fills it as much as it saved the others.
create index fhir_resource_by_token on fhir_resource using gin (tokens) with (fastupdate = off);
create index fhir_resource_by_reference on fhir_resource using gin (refs) with (fastupdate = off);

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

-- What is to be written of one resource (fhir/store/change.ts). Lists of one name belong together, place by place.
create type fhir_changing as (
  place integer, type text, id text, version integer, changed_at timestamptz, method text, body text, about text[], categories text[], tokens text[], refs text[],
  string_parameters text[], string_values text[], string_exacts text[],
  date_parameters text[], date_lows timestamptz[], date_highs timestamptz[],
  quantity_parameters text[], quantity_units text[], quantity_lows float8[], quantity_highs float8[],
  latitudes float8[], longitudes float8[],
  watch json, secret json, -- of a Subscription (0020_fhir_subscription.sql): that is active, and what of it is not for everybody who sees it
  care_at timestamptz, held_by text,
  numbered boolean); -- its keeper numbers its versions: it is brought to this one whichever was the one before

create type fhir_written as (place integer, key bigint);

-- Writes what resources are found by. `written` and `changes` belong together by place. A table is opened only where something goes into it: most resources have dates alone.
create function fhir_index(written fhir_written[], changes fhir_changing[]) returns void language plpgsql as $$
declare
  strings boolean;
  dates boolean;
  quantities boolean;
  positions boolean;
begin
  select bool_or(c.string_parameters <> '{}'), bool_or(c.date_parameters <> '{}'), bool_or(c.quantity_parameters <> '{}'), bool_or(c.latitudes <> '{}')
    into strings, dates, quantities, positions from unnest(changes) c;
  if strings then
    insert into platform.fhir_string (key, parameter, value, exact)
      select w.key, s.* from unnest(written) w join unnest(changes) c using (place)
      cross join lateral unnest(c.string_parameters, c.string_values, c.string_exacts) s;
  end if;
  if dates then
    insert into platform.fhir_date (key, parameter, low, high)
      select w.key, s.* from unnest(written) w join unnest(changes) c using (place)
      cross join lateral unnest(c.date_parameters, c.date_lows, c.date_highs) s;
  end if;
  if quantities then
    insert into platform.fhir_quantity (key, parameter, unit, low, high)
      select w.key, s.* from unnest(written) w join unnest(changes) c using (place)
      cross join lateral unnest(c.quantity_parameters, c.quantity_units, c.quantity_lows, c.quantity_highs) s;
  end if;
  if positions then
    insert into platform.fhir_position (key, latitude, longitude)
      select w.key, s.* from unnest(written) w join unnest(changes) c using (place) cross join lateral unnest(c.latitudes, c.longitudes) s;
  end if;
end $$;

-- What is about whom something else is about is as sensitive as that (fhir/store/concerns.ts), also where that becomes so later: labels of these resources are passed on
-- to what leads to them, and to what leads to that. None is taken away. So is what repeats them, of the same patient: Bundles, what those are found by, and notes; of a note that said more before,
-- the version that did (fhir/indexing/part-references.ts).
create function fhir_pass_on_labels(keys bigint[]) returns void language plpgsql set enable_seqscan = off as $$
begin
  while keys <> '{}' loop
    update platform.fhir_past p set categories = array_remove(p.categories, 'general') || f.labels
    from (
      select o.key, o.version, array_agg(distinct label) as labels
      from platform.fhir_resource r cross join lateral unnest(r.categories) label
      cross join lateral (select r.type || '/' || r.id as name) n
      join platform.fhir_resource d on d.refs && array['Composition.$told=' || name] and d.about && r.about
      join platform.fhir_past o on o.key = d.key and strpos(o.body, name) > 0 and label <> all (o.categories)
      where r.key = any (keys) and label <> 'general' group by o.key, o.version) f
    where p.key = f.key and p.version = f.version;
    with found as (
      select d.key, array_agg(distinct label) as labels
      from platform.fhir_resource r cross join lateral unnest(r.categories) label
      cross join lateral (select r.type || '/' || r.id as name) n
      join platform.fhir_resource d on d.refs && array['Binary.$context=' || name, 'Provenance.target=' || name, 'Bundle.$part=' || name, 'DocumentReference.$part=' || name, 'Composition.$part=' || name]
      where r.key = any (keys) and r.type <> 'Patient' and label <> 'general' and label <> all (d.categories)
        and (d.type not in ('Bundle', 'DocumentReference', 'Composition') or d.about && r.about) group by d.key),
    passed as (
      update platform.fhir_resource d set categories = array_remove(d.categories, 'general') || f.labels from found f where d.key = f.key returning d.key)
    select coalesce(array_agg(key), '{}') into keys from passed;
  end loop;
end $$;
revoke execute on function fhir_pass_on_labels(bigint[]) from public;

-- What these lead to that are about whom something else is about, what notes tell, what Bundles repeat in any of their versions, and Bundles that documents are read by. Nobody labels it until the
-- transaction ends. Names first: a row that is
-- locked carries with it what it was joined to, and a Provenance of a whole record, once for each of its targets, fills disks.
create function fhir_behind(changes fhir_changing[]) returns bigint[] language plpgsql set enable_seqscan = off as $$
declare
  names text[] := array(
    select distinct name from unnest(changes) c
    left join platform.fhir_resource was on was.type = c.type and was.id = c.id and c.type = 'Bundle'
    cross join lateral unnest(c.refs || was.refs) ref
    cross join lateral (select substr(ref, strpos(ref, '=') + 1) as name) n
    where (ref like 'Binary.$context=%' or ref like 'Provenance.target=%' or ref like 'Bundle.$part=%' or ref like 'DocumentReference.$part=%' or ref like 'Composition.$part=%') and name not like 'Patient/%');
begin
  return array(
    select r.key from unnest(names) name
    join platform.fhir_resource r on r.type = split_part(name, '/', 1) and r.id = split_part(name, '/', 2) order by r.key for share of r);
end $$;
revoke execute on function fhir_behind(fhir_changing[]) from public;

-- Writes resources, each whole: new ones (version 1), and those that are at the version before; what its keeper numbers, also from any version up to that one. Tells the places of those that were written; the others were
-- not as the caller thought. Only the room that keeps a type writes it. What is joined is joined by numbers that are not guessed to be few: a bundle may hold 5,000.
create function fhir_write_changes(changes fhir_changing[]) returns int[] language plpgsql security definer set search_path = platform, pg_temp as $$
declare
  created fhir_written[];
  changed fhir_written[] := '{}';
  is_foreign boolean;
  subscribes boolean;
  is_derived boolean;
  behind bigint[] := '{}';
begin
  select bool_or(t.room is null or current_setting('role') not in ('none', 'openhcs_' || t.room)), bool_or(c.type = 'Subscription'), bool_or(c.type in ('Binary', 'Provenance', 'Bundle', 'DocumentReference', 'Composition'))
    into is_foreign, subscribes, is_derived
    from (select distinct type from unnest(changes)) c left join fhir_type t using (type);
  if is_foreign then
    raise insufficient_privilege using message = 'another room keeps this type';
  end if;
  if is_derived then
    behind := fhir_behind(changes);
  end if;
  with wanted as materialized (
    select nextval('fhir_resource_key_seq') as key, c.* from unnest(changes) c where version < 2 or numbered),
  rows as (
    insert into fhir_resource (key, type, id, version, change, changed_at, method, body, about, categories, tokens, refs, care_at, held_by) overriding system value
      select key, type, id, version, nextval('fhir_change'), changed_at, method, body, about, categories, tokens, refs, care_at, held_by from (select * from wanted order by type, id) w
      on conflict (type, id) do nothing returning key)
    select coalesce(array_agg((w.place, key)::fhir_written), '{}') into created from rows join wanted w using (key);
  if cardinality(created) < cardinality(changes) then
    with before as (
      select r.key, r.version, r.change, r.changed_at, r.method, r.body, r.categories as were, c.place, c.version as new_version, c.changed_at as new_at, c.method as new_method, c.body as new_body, c.about, c.categories, c.tokens, c.refs, c.care_at
      from unnest(changes) c join fhir_resource r on r.type = c.type and r.id = c.id and r.held_by is not distinct from c.held_by
      where (c.version > 1 and r.version = c.version - 1) or (c.numbered and r.version <= c.version and r.key not in (select (unnest(created)).key))
      order by r.key for no key update of r),
    past as (insert into fhir_past (key, version, change, changed_at, method, body, categories) select key, version, change, changed_at, method, body, were from before where version < new_version),
    rows as (
      update fhir_resource r set version = b.new_version, change = nextval('fhir_change'), changed_at = b.new_at, method = b.new_method, body = b.new_body,
        about = b.about, categories = b.categories, tokens = b.tokens, care_at = b.care_at,
        -- What a Bundle was is as sensitive as what it repeated; of a note each version by itself.
        refs = case r.type when 'Bundle' then array(select unnest(b.refs) union select ref from unnest(r.refs) ref where ref like 'Bundle.$part=%')
          when 'Composition' then array(select unnest(b.refs) union select replace(ref, '.$part=', '.$told=') from unnest(r.refs) ref where ref like 'Composition.$part=%' or ref like 'Composition.$told=%')
          else b.refs end
      from before b where r.key = b.key returning b.place, r.key)
      select coalesce(array_agg((place, key)::fhir_written), '{}') into changed from rows;
    delete from fhir_string where key = any (select (unnest(changed)).key);
    delete from fhir_date where key = any (select (unnest(changed)).key);
    delete from fhir_quantity where key = any (select (unnest(changed)).key);
    delete from fhir_position where key = any (select (unnest(changed)).key);
  end if;
  perform fhir_index(created || changed, changes);
  if is_derived or changed <> '{}' then
    perform fhir_pass_on_labels(behind || array(select w.key from unnest(changed) w join unnest(changes) c using (place) where c.categories <> '{general}'));
  end if;
  if subscribes then
    perform fhir_subscribe(created || changed, changes);
  end if;
  if exists (select from fhir_subscription) then
    perform fhir_announce(created || changed);
  end if;
  return array(select (unnest(created || changed)).place);
end $$;
revoke execute on function fhir_index(fhir_written[], fhir_changing[]) from public;
revoke execute on function fhir_write_changes(fhir_changing[]) from public;
grant execute on function fhir_write_changes(fhir_changing[]) to openhcs_room;

-- The same of changes as JSON, for whoever notes nothing.
create function fhir_write(changes json) returns int[] language sql as $$
  select platform.fhir_write_changes(array(select c from json_populate_recordset(null::platform.fhir_changing, changes) c))
$$;
revoke execute on function fhir_write(json) from public;
grant execute on function fhir_write(json) to openhcs_room;

-- The same, of what must be written: for what follows from a keeper's own rows, and goes with COMMIT.
create function fhir_keep(changes json) returns void language plpgsql as $$
declare
  wanted platform.fhir_changing[] := array(select c from json_populate_recordset(null::platform.fhir_changing, changes) c);
begin
  if cardinality(platform.fhir_write_changes(wanted)) < cardinality(wanted) then
    raise serialization_failure using message = 'somebody else wrote what is projected';
  end if;
end $$;
revoke execute on function fhir_keep(json) from public;
grant execute on function fhir_keep(json) to openhcs_room;

-- Whether a desk keeps the patient whom this is: somebody without an account, whom the organisation registered where this account works.
create function keeps_patient(account uuid, about text[], at timestamptz) returns boolean language plpgsql stable parallel safe as $$
begin
  return cardinality(about) = 1 and about[1] ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
    and platform.keeps_hours(account, about[1]::uuid, at); -- the same of practitioners
end $$;
grant execute on function keeps_patient(uuid, text[], timestamptz) to openhcs_room;

-- Whom it is about, without what says of a visit who else may know of it (may_see_visit).
create function about_whom(about text[]) returns text[] language sql immutable parallel safe as $$
  select case when about[1] like 'Practitioner/%' then about[2:2] else about end
$$;
grant execute on function about_whom(text[]) to openhcs_room;

-- The relationship by which an account may see a visit: it is about {Practitioner/…, the patient}, and behind these there may be Booked/… (the account that booked what is sensitive, which
-- knows of it) and Part/… (of a visit that several give, one that does not stand for all: whoever comes sees the one that does). As scheduling decides by /v1 (services/scheduling/queries/booking.ts).
create function may_see_visit(account uuid, about text[], categories text[], at timestamptz) returns text language plpgsql stable parallel safe as $$
declare
  practitioner uuid := substr(about[1], 14);
  relationship text;
  category text;
begin
  if exists (
      select from platform.access_grant s join platform.access_grant l on l.account_id = s.account_id and l.relationship = 'licence'
      where s.account_id = account and s.subject_id = practitioner and s.relationship = 'self' and s.revoked_at is null and s.valid_from <= at and (s.valid_until is null or s.valid_until > at)
        and l.revoked_at is null and l.valid_from <= at and (l.valid_until is null or l.valid_until > at)) then
    return 'practitioner';
  end if;
  if about[cardinality(about)] not like 'Part/%' then
    foreach category in array case when 'Booked/' || account = any (about) then '{general}' else categories end loop
      relationship := platform.may_see(account, about[2]::uuid, 'book', category, at);
      exit when relationship is null;
    end loop;
  end if;
  return coalesce(relationship, case when platform.keeps_hours(account, practitioner, at) then 'desk' end);
end $$;
grant execute on function may_see_visit(uuid, text[], text[], timestamptz) to openhcs_room;

-- The relationship by which an account may see something about these patients, of these categories: it must be permitted of each of them. `Account/…`: to that one alone.
create function may_see_resource(account uuid, about text[], categories text[], power text, at timestamptz) returns text language plpgsql stable parallel safe as $$
declare
  patient text;
  category text;
  relationship text;
begin
  if about[1] like 'Practitioner/%' then
    return platform.may_see_visit(account, about, categories, at);
  end if;
  foreach patient in array about loop
    if patient = 'Account/' || account then
      relationship := 'author';
      continue;
    end if;
    if patient !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
      return null;
    end if;
    foreach category in array categories loop
      relationship := platform.may_see(account, patient::uuid, power, category, at);
      if relationship is null then
        return null;
      end if;
    end loop;
  end loop;
  return relationship;
end $$;
grant execute on function may_see_resource(uuid, text[], text[], text, timestamptz) to openhcs_room;

-- Keys of what refers to patients, of whom each has few: how many the planner is told here, so that the plan of a search that begins with them is the same for all
-- patients, and need not be made anew (making it took twice as long as the search).
create function fhir_of_patients(wanted text[]) returns setof bigint language plpgsql stable parallel safe rows 20 set enable_seqscan = off as $$
begin
  return query select r.key from platform.fhir_resource r where r.refs && wanted;
end $$;
grant execute on function fhir_of_patients(text[]) to openhcs_room;

-- Writes all of these or none, by somebody who may, with an audit row for each: one statement is one transaction. `writer` says who, and under which relationships what is about
-- patients may be written (none: whoever asks for the house). Raises OH403 where that is not so, and OH412 where a version is not the one before; the detail is the place.
create function fhir_store(changes json, writer json, at timestamptz) returns void language plpgsql set plan_cache_mode = auto as $$
declare
  by_account uuid := writer->>'account';
  within text := writer->>'within';
  under text[] := case when writer->>'relationships' is not null then array(select json_array_elements_text(writer->'relationships')) end;
  wanted platform.fhir_changing[] := array(select c from json_populate_recordset(null::platform.fhir_changing, changes) c); -- read once: it is long
  refused int;
  written int[];
begin
  -- Of few, what the statements cost is the planning of them: they have one plan. Of many it must be known how many there are.
  if cardinality(wanted) <= 20 then
    set local plan_cache_mode = force_generic_plan;
  end if;
  with permitted as materialized ( -- each once: a bundle is mostly about one patient
    select a.patient, a.categories, platform.may_see_resource(by_account, array[a.patient], a.categories, 'see-record', at) as relationship
    from (select distinct p as patient, c.categories from unnest(wanted) c cross join lateral unnest(c.about) p offset 0) a),
  noted as (
    insert into platform.audit_event (at, account_id, actor, room, operation, trace_id, action, entity, subject, relationship)
      select at, by_account, writer->>'actor', writer->>'room', writer->>'operation', writer->>'trace',
        case when c.method = 'DELETE' then 'D' when c.version = 1 then 'C' else 'U' end, c.type || '/' || c.id, case when p like 'Account/%' then p else 'Patient/' || p end, a.relationship
      from unnest(wanted) c left join lateral unnest(c.about) p on true left join permitted a on a.patient = p and a.categories = c.categories
      order by c.place)
  select min(c.place) into refused
    from unnest(wanted) c cross join lateral unnest(c.about) p join permitted a on a.patient = p and a.categories = c.categories
    where (under is not null and (a.relationship is null or a.relationship <> all (under))) or p <> within;
  if refused is not null then
    raise exception using errcode = 'OH403', message = 'may not write this', detail = refused::text;
  end if;
  written := platform.fhir_write_changes(wanted);
  if cardinality(written) < cardinality(wanted) then
    select min(c.place) into refused from unnest(wanted) c where c.place <> all (written);
    raise exception using errcode = 'OH412', message = 'not the version before', detail = refused::text;
  end if;
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
      where r.about = '{}' or (s.relationship is not null and (w.within is null or platform.about_whom(r.about) <@ array[w.within]))),
    noted as (
      insert into platform.audit_event (at, account_id, actor, room, operation, trace_id, action, entity, subject, relationship)
        select fhir_read.at, f.account, f.actor, reading_room, f.operation, f.trace, 'R', f.type || '/' || f.id, case when p like 'Account/%' then p else 'Patient/' || p end, f.relationship
        from found f cross join lateral unnest(platform.about_whom(f.about)) p)
    select f.place, f.type, f.id, f.version, f.changed_at, f.method, f.body, f.about, f.relationship from found f;
end $$;
grant execute on function fhir_read(json, text, timestamptz) to openhcs_room;

-- Pages of searches, each by somebody, with an audit row for each resource that is shown: of a type, of patients (`refs`) and where there are `tokens` of one of those, in the order of
-- their coming. Asks once for all that is about the same patient whether it may be seen. A page that has a gap, since not all may be seen and there is more, is not whole, and is looked for in
-- another way (fhir/store/find.ts); so is one that no room is left for.
create function fhir_find(wanted json, reading_room text, at timestamptz)
returns table (place int, more boolean, is_whole boolean, key bigint, id text, body text) language plpgsql set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  return query
    with asked as materialized (
      select * from json_to_recordset(wanted) w(place int, type text, refs text[], tokens text[], after bigint, count int, account uuid, within text, actor text, operation text, trace text)),
    looked as materialized (
      -- `offset 0`: by what refers to them, and never through everybody's in the order of their keys.
      select w.place, r.* from asked w cross join lateral (
        select r.* from (
          select r.key, r.id, r.body, r.about, r.categories from platform.fhir_resource r
          where r.refs && w.refs and r.type = w.type and r.body is not null and (w.tokens is null or r.tokens && w.tokens) offset 0) r
        where r.key > w.after order by r.key limit w.count + 1) r),
    permitted as materialized (
      select s.place, s.about, s.categories from (select distinct l.place, l.about, l.categories from looked l offset 0) s join asked w using (place)
      where s.about = '{}' or (platform.may_see_resource(w.account, s.about, s.categories, 'see-record', at) is not null and (w.within is null or platform.about_whom(s.about) <@ array[w.within]))),
    pages as materialized (
      select p.place, p.seen > w.count as more, p.last,
        (p.seen > w.count or p.looked <= w.count) and sum(p.bytes) over (rows unbounded preceding) < 16000000 as is_whole
      from (
        select l.place, count(*) as looked, count(p.place) as seen, sum(octet_length(l.body)) as bytes, max(l.key) filter (where p.place is not null) as last
        from looked l left join permitted p using (place, about, categories) group by l.place) p
      join asked w using (place)),
    shown as materialized (
      select l.place, l.key, l.id, l.body, l.about, g.more from looked l join permitted using (place, about, categories) join pages g using (place)
      where g.is_whole and (l.key < g.last or not g.more)),
    noted as (
      insert into platform.audit_event (at, account_id, actor, room, operation, trace_id, action, entity, subject)
        select fhir_find.at, w.account, w.actor, reading_room, w.operation, w.trace, 'R', w.type || '/' || s.id, case when p like 'Account/%' then p else 'Patient/' || p end
        from shown s join asked w using (place) cross join lateral unnest(platform.about_whom(s.about)) p)
    select w.place, coalesce(g.more, false), coalesce(g.is_whole, true), s.key, s.id, s.body
    from asked w left join pages g using (place) left join shown s using (place) order by w.place, s.key;
end $$;
grant execute on function fhir_find(json, text, timestamptz) to openhcs_room;

-- Whom resources are about, anew: where two patients became one, or were parted. Nothing of what they say changes, and no version is made; only the room that keeps a type does it.
-- Tells how many: those of which there is another version by now are not among them.
create function fhir_readdress(rows json) returns integer language plpgsql security definer set search_path = platform, pg_temp as $$
declare
  done integer;
begin
  update fhir_resource r set about = c.about, refs = c.refs
    from json_to_recordset(rows) c(key bigint, version int, about text[], refs text[])
    join fhir_type t on true
    where r.key = c.key and r.version = c.version and t.type = r.type and current_setting('role') in ('none', 'openhcs_' || t.room);
  get diagnostics done = row_count;
  return done;
end $$;
revoke execute on function fhir_readdress(json) from public;
grant execute on function fhir_readdress(json) to openhcs_room;

-- Who waits for a time that somebody gives back. What became free is offered to one of them alone, for a while: the offer is a hold, an appointment
-- that is pending with all its claims, so claim_no_overlap keeps the time from everybody else.

-- Of two points on the Earth in degrees, by the haversine formula; mean radius 6371.0088 km (IUGG).
create function km_between(lat1 float8, lon1 float8, lat2 float8, lon2 float8) returns float8 language sql immutable parallel safe as $$
  select 2 * 6371.0088 * asin(sqrt(least(1, sin(radians(lat2 - lat1) / 2) ^ 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(radians(lon2 - lon1) / 2) ^ 2)))
$$;

-- A box around a circle, longitude first: 111 km are less than a degree anywhere, so it is never too small. All the way round where the circle
-- holds a pole, or reaches over the date line.
create function area_around(latitude float8, longitude float8, km float8) returns box language sql immutable parallel safe as $$
  select case when abs(latitude) + km / 111 >= 89 or abs(longitude) + km / 111 / cos(radians(abs(latitude) + km / 111)) >= 180
    then box(point(-180, latitude - km / 111), point(180, latitude + km / 111))
    else box(point(longitude - km / 111 / cos(radians(abs(latitude) + km / 111)), latitude - km / 111),
             point(longitude + km / 111 / cos(radians(abs(latitude) + km / 111)), latitude + km / 111)) end
$$;

create table waitlist_entry (
  id              uuid primary key,
  turn            bigint generated always as identity, -- first come
  patient_id      uuid not null,
  status          text not null check (status in ('waiting', 'offered', 'met', 'left', 'expired')),
  rank            smallint not null default 3 check (rank between 0 and 3), -- FHIR's request-priority: stat, asap, urgent, routine
  priority_reason text,
  practitioner_id uuid,
  service         text, -- code
  speciality      text,
  place_id        uuid,
  latitude        double precision,
  longitude       double precision,
  within_km       double precision,
  mode            text,
  from_at         timestamptz not null,
  until_at        timestamptz not null check (until_at > from_at),
  weekdays        smallint not null check (weekdays between 1 and 127), -- bit 0 is Monday
  from_minute     smallint not null check (from_minute between 0 and 1439), -- on the clock of the place
  until_minute    smallint not null check (until_minute > from_minute and until_minute <= 1440),
  notice_minutes  integer not null check (notice_minutes between 0 and 43200),
  category        text not null,
  made_by         uuid not null, -- account
  relationship    text not null,
  version         integer not null default 1,
  created_at      timestamptz not null,
  ended_at        timestamptz,
  demo            boolean not null default platform.is_demo(),
  -- The one thing by which a free time finds this entry: a time is looked for under what it is, here and anywhere, so each look is an index range in the
  -- order of the list. Those who want it near somewhere are found by the circle instead.
  wanted          text not null generated always as (
    case when practitioner_id is not null then 'practitioner/' || practitioner_id::text
      when service is not null then 'service/' || service else 'speciality/' || speciality end
    || case when place_id is not null then '@' || place_id::text else '' end) stored,
  area            box generated always as (case when within_km is not null then area_around(latitude, longitude, within_km) end) stored,
  check (practitioner_id is not null or service is not null or speciality is not null),
  check ((status in ('waiting', 'offered')) = (ended_at is null)),
  check ((latitude is null) = (within_km is null) and (longitude is null) = (within_km is null) and (place_id is null or within_km is null))
);
create index waitlist_line on waitlist_entry (wanted, rank, turn) where status = 'waiting' and area is null;
create index waitlist_near on waitlist_entry using gist (wanted, area) where status = 'waiting' and area is not null;
create index waitlist_by_patient on waitlist_entry (patient_id, id);
create index waitlist_open on waitlist_entry (patient_id) where ended_at is null;
create index waitlist_by_practitioner on waitlist_entry (practitioner_id, id) where practitioner_id is not null;
create index waitlist_ending on waitlist_entry (until_at) where ended_at is null;
create index waitlist_ended on waitlist_entry (ended_at) where ended_at is not null;

create table waitlist_offer (
  id              uuid primary key, -- and of the appointment that holds the time, and becomes the visit
  entry_id        uuid not null references waitlist_entry on delete cascade,
  status          text not null check (status in ('open', 'accepted', 'declined', 'lapsed', 'withdrawn')),
  practitioner_id uuid not null,
  start_at        timestamptz not null,
  end_at          timestamptz not null,
  expires_at      timestamptz not null check (expires_at <= start_at),
  created_at      timestamptz not null,
  ended_at        timestamptz,
  check ((status = 'open') = (ended_at is null))
);
-- Nobody has two times kept at once.
create unique index waitlist_one_offer on waitlist_offer (entry_id) where status = 'open';
create index waitlist_offer_by_entry on waitlist_offer (entry_id, start_at);

-- What the rules of joining need to know (booking-rules.ts). Those of one patient come one after another: they are counted.
create function waitlist_facts(account uuid, patient uuid, practitioner uuid, place uuid, at timestamptz)
returns table (relationship text, patient_out_of_use boolean, practitioner_known boolean, place_known boolean, entries int) language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('waitlist ' || patient, 0));
  return query select platform.may(account, patient, 'book', at), exists (select from platform.out_of_use o where o.subject_id = patient),
    practitioner is null or exists (select from practitioner p where p.id = practitioner), place is null or exists (select from place l where l.id = place),
    (select count(*)::int from waitlist_entry w where w.patient_id = patient and w.ended_at is null);
end $$;

-- A booking that is what an entry waits for ends the waiting. Where a time is offered at that moment, the offer's job passes that on.
create function meet_wishes(patient uuid, practitioner uuid, schedule uuid, booked_service uuid, place uuid, booked_mode text, start timestamptz,
  weekday int, minute int, at timestamptz) returns void language plpgsql as $$
begin
  if not exists (select from waitlist_entry w where w.patient_id = patient and w.ended_at is null) then -- nearly always: who books does not wait
    return;
  end if;
  update waitlist_entry w set status = 'met', ended_at = at, version = version + 1
  from (
    select v.code, case when v.id is null then s.specialities else array[v.speciality] end as specialities, l.latitude, l.longitude
    from schedule s left join service v on v.id = booked_service left join place l on l.id = meet_wishes.place where s.id = meet_wishes.schedule) b
  where w.patient_id = patient and w.ended_at is null and start >= w.from_at and start < w.until_at
    and w.weekdays & (1 << weekday) <> 0 and minute >= w.from_minute and minute < w.until_minute
    and (w.practitioner_id is null or w.practitioner_id = practitioner) and (w.place_id is null or w.place_id = meet_wishes.place)
    and (w.mode is null or w.mode = booked_mode) and (w.service is null or w.service = b.code)
    and (w.speciality is null or w.speciality = any (b.specialities))
    and (w.within_km is null or km_between(w.latitude, w.longitude, b.latitude, b.longitude) <= w.within_km);
end $$;

-- Entries follow a merge of patients as appointments do (0002_patient_merge.sql), in its transaction and under its lock.
create table waitlist_merge_moved (
  merge_id uuid not null references patient_merge,
  entry_id uuid not null references waitlist_entry on delete cascade,
  primary key (merge_id, entry_id)
);
create index waitlist_merge_moved_by_entry on waitlist_merge_moved (entry_id);

create trigger waitlist_waits_for_merge before insert on waitlist_entry for each row execute function wait_for_merge();

create function move_waitlist() returns trigger language plpgsql as $$
begin
  if new.stands and (tg_op = 'INSERT' or not old.stands) then
    with moved as (
      update scheduling.waitlist_entry set patient_id = new.survivor_id, version = version + 1 where patient_id = new.replaced_id returning id)
    insert into scheduling.waitlist_merge_moved (merge_id, entry_id) select new.id, id from moved;
  elsif tg_op = 'UPDATE' and old.stands and not new.stands then
    update scheduling.waitlist_entry w set patient_id = new.replaced_id, version = version + 1 from scheduling.waitlist_merge_moved v
      where v.merge_id = new.id and v.entry_id = w.id and w.patient_id = new.survivor_id;
  end if;
  return null;
end $$;
create trigger waitlist_follows_merge after insert or update of stands on patient_merge for each row execute function move_waitlist();

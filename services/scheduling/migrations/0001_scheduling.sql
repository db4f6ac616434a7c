-- schedule + exceptions → shift → claim → free_range
--
-- The promise "never double-booked" is kept by claim_no_overlap, not by code: two requests can race, two rows cannot.
-- free_range is what is left of the shifts, kept in the same transaction as each claim, so that a search reads and never computes.

-- What search needs to know of practitioners and places: mirrored from registry, which owns them.
create table practitioner (
  id             uuid primary key,
  name           text not null,
  gender         text not null,
  languages      text[] not null,
  specialities   text[] not null,
  licensed_from  timestamptz, -- null: no verified licence, so not on offer
  licensed_until timestamptz,
  demo           boolean not null default platform.is_demo()
);

create table place (
  id        uuid primary key,
  name      text not null,
  zone      text not null,
  latitude  double precision not null,
  longitude double precision not null,
  demo      boolean not null default platform.is_demo()
);
create index place_by_latitude on place (latitude, longitude);

-- Whatever has shifts or is claimed beside a patient: practitioners, rooms and devices. Writers of claims lock its rows, in order of id.
create table resource (
  id       uuid primary key,
  kind     text not null check (kind in ('practitioner', 'room', 'device')),
  place_id uuid,
  name     text, -- of a room or device, unique in its place
  check ((kind = 'practitioner') = (place_id is null and name is null)),
  check ((place_id is null) = (name is null))
);
create unique index resource_named on resource (place_id, kind, name) where kind <> 'practitioner';

-- What a practitioner does, each with its own length and its own rules of booking. Without any, a schedule offers visits of its own length.
create table service (
  id              uuid primary key,
  practitioner_id uuid not null references practitioner,
  code            text not null, -- what a search knows it by, with every practitioner: vaccination
  name            text not null,
  speciality      text not null,
  minutes         smallint not null check (minutes between 5 and 480),
  before_minutes  smallint not null default 0 check (before_minutes between 0 and 240), -- to prepare: the calendar is taken, the patient is not
  after_minutes   smallint not null default 0 check (after_minutes between 0 and 240),
  notice_minutes  integer not null default 0 check (notice_minutes between 0 and 43200),
  window_days     smallint not null default 90 check (window_days between 1 and 90),
  per_day         smallint check (per_day > 0), -- visits; where several sit, group visits
  per_week        smallint check (per_week > 0),
  seats           smallint not null default 1 check (seats between 1 and 200), -- who may come at the same time
  full_at         tstzmultirange not null default '{}', -- days and weeks that have as many as they may; see refresh_full
  version         integer not null default 1,
  created_at      timestamptz not null,
  deleted_at      timestamptz,
  demo            boolean not null default platform.is_demo()
);
create unique index service_code on service (practitioner_id, code) where deleted_at is null;

create table schedule (
  id              uuid primary key,
  practitioner_id uuid not null references practitioner,
  place_id        uuid references place,
  resources       uuid[] not null default '{}', -- rooms and devices that are taken with each visit
  modes           text[] not null,
  specialities    text[] not null,
  zone            text not null,
  minutes         smallint not null check (minutes between 5 and 480),
  services        uuid[] not null default '{}', -- instead of visits of that length
  new_patients    boolean not null default true, -- false: only those whom the practitioner has seen, or is to see
  hours           jsonb not null,
  valid_from      date not null,
  valid_until     date check (valid_until >= valid_from),
  expanded_until  date not null,
  tzdata          text not null default '', -- the version of the zones' rules by which it was expanded
  version         integer not null default 1,
  created_at      timestamptz not null,
  deleted_at      timestamptz,
  demo            boolean not null default platform.is_demo()
);
create index schedule_by_practitioner on schedule (practitioner_id, id);

create table schedule_exception (
  id          uuid primary key,
  schedule_id uuid not null references schedule,
  kind        text not null check (kind in ('add', 'withdraw')),
  on_date     date not null,
  from_time   time, -- without times: the whole day (withdraw only)
  until_time  time,
  reason      text,
  created_at  timestamptz not null,
  check ((from_time is null) = (until_time is null)),
  check (kind = 'withdraw' or from_time is not null)
);
create index schedule_exception_by_schedule on schedule_exception (schedule_id, on_date);

create table shift (
  id              bigint generated always as identity primary key,
  schedule_id     uuid not null references schedule,
  practitioner_id uuid not null,
  during          tstzrange not null check (not isempty(during) and lower_inc(during) and not upper_inc(during)),
  constraint shift_no_overlap exclude using gist (practitioner_id with =, during with &&)
);
create index shift_by_schedule on shift (schedule_id);

-- What is taken with each visit in a shift. Several practitioners may share it, each in their own shifts.
create table shift_resource (
  shift_id    bigint not null references shift on delete cascade,
  resource_id uuid not null references resource,
  during      tstzrange not null, -- of the shift, for the index
  primary key (shift_id, resource_id)
);
create index shift_resource_during on shift_resource using gist (resource_id, during);

create table appointment (
  id              uuid primary key,
  status          text not null check (status in ('pending', 'booked', 'cancelled', 'arrived', 'fulfilled', 'noshow', 'entered-in-error')),
  practitioner_id uuid not null,
  patient_id      uuid not null,
  schedule_id     uuid not null references schedule,
  place_id        uuid,
  resources       uuid[] not null default '{}', -- rooms and devices that it claims itself, beside practitioner and patient
  service_id      uuid references service,
  mode            text not null check (mode in ('in-person', 'video', 'phone')),
  zone            text not null,
  start_at        timestamptz not null,
  end_at          timestamptz not null check (end_at > start_at),
  held_until      timestamptz, -- of a hold: an appointment that is pending and vanishes when it is not confirmed in time
  reason          text,        -- in the patient's words; clinical, so never in events, messages or logs
  cancel_reason   text,
  cancel_note     text,
  overbooked      text,        -- why it was put into time that was taken
  made_by         uuid not null, -- account
  relationship    text not null, -- by which that account could: self, mandate…
  sequence        integer not null default 0, -- of the invitation, RFC 5545 §3.8.7.4
  version         integer not null default 1,
  created_at      timestamptz not null,
  updated_at      timestamptz not null,
  demo            boolean not null default platform.is_demo(),
  check ((status = 'pending') = (held_until is not null)),
  check ((status = 'cancelled') = (cancel_reason is not null))
);
create index appointment_by_patient on appointment (patient_id, start_at, id);
create index appointment_held on appointment (made_by) where status = 'pending';
create index appointment_by_practitioner on appointment (practitioner_id, start_at, id);

-- Several patients of one service at one time. It has the claims of practitioner, rooms and devices; each of its visits claims the patient and a seat:
-- a lane of the group. It comes with the first visit and goes with the last.
create table group_visit (
  id              uuid primary key,
  schedule_id     uuid not null references schedule,
  service_id      uuid not null references service,
  practitioner_id uuid not null,
  start_at        timestamptz not null,
  end_at          timestamptz not null,
  seats           smallint not null,
  taken           smallint not null default 0 check (taken <= seats)
);
create unique index group_visit_start on group_visit (practitioner_id, service_id, start_at);
create index group_visit_open on group_visit (schedule_id, service_id, start_at) where taken < seats;

create table claim (
  holder_id      uuid not null, -- an appointment, or the group visit that several sit in
  resource_id    uuid not null, -- practitioner, patient, room, device, or the group visit of a seat
  lane           smallint not null default 0 check (lane >= 0), -- the number of a seat; above 0 of others: overbooking where it is sanctioned
  during         tstzrange not null check (not isempty(during) and lower_inc(during) and not upper_inc(during)),
  held_until     timestamptz,
  primary key (holder_id, resource_id),
  constraint claim_no_overlap exclude using gist (resource_id with =, lane with =, during with &&)
);

-- What took time is gone, and so are its claims: there are two kinds of holders, which a foreign key cannot say.
create function drop_claims() returns trigger language plpgsql as $$
begin
  delete from scheduling.claim where holder_id = old.id;
  return null;
end $$;
create trigger appointment_drops_claims after delete on appointment for each row execute function drop_claims();
create trigger group_visit_drops_claims after delete on group_visit for each row execute function drop_claims();

-- A schedule as search sees it: one row for each service, or, where it has none, for each speciality. `first` marks one row for each kind of visit, for
-- searches without a speciality.
create table offer (
  schedule_id     uuid not null references schedule on delete cascade,
  service         text not null, -- its code; '': a visit of the schedule's own length
  speciality      text not null,
  first           boolean not null,
  practitioner_id uuid not null,
  place_id        uuid,
  modes           text[] not null,
  languages       text[] not null,
  gender          text not null,
  service_id      uuid,
  minutes         smallint not null, -- of the visit
  before_minutes  smallint not null,
  whole_minutes   smallint not null, -- that it takes of the calendar: before, visit, after
  notice_minutes  integer not null,
  window_days     smallint not null,
  seats           smallint not null,
  new_patients    boolean not null,
  full_at         tstzmultirange not null,
  licensed_from   timestamptz not null,
  licensed_until  timestamptz not null,
  next_at         timestamptz not null default 'infinity', -- the next free slot; see refresh_next
  due_at          timestamptz not null default 'infinity', -- until when it can still be booked
  several         boolean not null, -- the practitioner has other rows too, one of which may have an earlier slot
  card            json not null,    -- what a page shows of it: put together once, here, and not by each search
  primary key (schedule_id, service, speciality)
);
-- In the order in which a page is shown, so that no sort has to read a whole country that opens at eight.
create index offer_by_next on offer (speciality, next_at, practitioner_id);
create index offer_first_by_next on offer (next_at, practitioner_id) where first;
create index offer_service_by_next on offer (service, next_at, practitioner_id) where service <> '';
create index offer_noticed on offer (due_at) where notice_minutes > 0;
-- Whatever else is asked for in a circle is told by the index, but for lists: half of the offers there are never fetched.
create index offer_by_place on offer (place_id, speciality, gender, new_patients, minutes);
create index offer_by_practitioner on offer (practitioner_id);

create table free_range (
  schedule_id uuid not null,
  start_at    timestamptz not null,
  end_at      timestamptz not null check (end_at > start_at),
  primary key (schedule_id, end_at) -- ranges of a schedule are disjoint: the order of their ends is that of their starts
);

-- The first start in a free range that is not before `at`, in steps of `minutes` from the start of the range.
create function slot_at(start_at timestamptz, at timestamptz, minutes int) returns timestamptz language sql immutable parallel safe as $$
  select case when start_at >= at then start_at
    else start_at + make_interval(mins => minutes * ceil(extract(epoch from at - start_at) / 60 / minutes)::int) end
$$;

-- From when on the next slot is looked for: seven minutes after the full minute. Searches ask from six minutes on (find-practitioners.ts), so
-- that nothing is offered that nobody can reach, and the minute job has a whole minute to move every row before one has passed: whole
-- hospitals begin visits at the same quarter of an hour.
create function next_from(at timestamptz) returns timestamptz language sql immutable parallel safe as $$
  select date_bin('1 minute', at, 'epoch') + interval '7 minutes'
$$;

-- When a visit can begin in a free range, not before `at`: its time before and after lies in the range as well, and it begins on no day that is full.
create function visit_at(start_at timestamptz, end_at timestamptz, at timestamptz, before_minutes int, whole_minutes int, full_at tstzmultirange)
returns timestamptz language sql immutable parallel safe as $$
  select v.at from (
    select slot_at(start_at, greatest(c.past, at) - make_interval(mins => before_minutes), whole_minutes) + make_interval(mins => before_minutes) as at
    from (select slot_at(start_at, visit_at.at - make_interval(mins => before_minutes), whole_minutes) + make_interval(mins => before_minutes) as at) f
    left join lateral (select upper(u) as past from unnest(full_at) u where u @> f.at) c on true) v
  where v.at + make_interval(mins => whole_minutes - before_minutes) <= end_at and not full_at @> v.at
$$;

-- The next free slot of each kind of visit under the licence, by the free ranges and the group visits that have seats left; infinity where there is none.
create function next_slots(schedules uuid[], at timestamptz) returns table (schedule_id uuid, service text, slot timestamptz) language sql stable as $$
  select p.schedule_id, p.service, case when s.slot < p.licensed_until then s.slot else 'infinity' end
  from (
    select *, greatest(next_from(at) + make_interval(mins => notice_minutes), licensed_from) as soonest from offer
    where offer.schedule_id = any (schedules) and first) p
  left join lateral (
    select v.slot from free_range r
    cross join lateral (select visit_at(r.start_at, r.end_at, p.soonest, p.before_minutes, p.whole_minutes, p.full_at) as slot) v
    where r.schedule_id = p.schedule_id and r.end_at > p.soonest and v.slot is not null
    order by r.end_at limit 1) f on true
  cross join lateral (select least(f.slot, case when p.seats > 1 then (
    select min(start_at) from group_visit i where i.schedule_id = p.schedule_id and i.service_id = p.service_id and i.taken < i.seats and i.start_at >= p.soonest) end) as slot) s
$$;

create function refresh_next(schedules uuid[], at timestamptz) returns void language plpgsql as $$
begin
  update offer o set next_at = n.slot, due_at = n.slot - make_interval(mins => o.notice_minutes) from next_slots(schedules, at) n
    where o.schedule_id = n.schedule_id and o.service = n.service and o.next_at <> n.slot;
end $$;

-- How these practitioners show in searches, after anything of it has changed. Next slots that are known stay until they are looked up anew.
-- The caller holds the lock on the practitioners.
create function refresh_offers(practitioners uuid[], at timestamptz) returns void language plpgsql as $$
begin
  delete from offer o using schedule s
    where s.practitioner_id = any (practitioners) and o.schedule_id = s.id and (s.deleted_at is not null or case o.service
      when '' then s.services <> '{}' or o.speciality <> all (s.specialities)
      else not exists (select from service v
        where v.id = any (s.services) and v.deleted_at is null and v.code = o.service and v.speciality = o.speciality) end);
  insert into offer as o (schedule_id, service, speciality, first, practitioner_id, place_id, modes, languages, gender, service_id, minutes, before_minutes, whole_minutes,
      notice_minutes, window_days, seats, new_patients, full_at, licensed_from, licensed_until, several, card)
    select s.id, coalesce(v.code, ''), v.speciality, v.first, s.practitioner_id, s.place_id, s.modes, p.languages, p.gender, v.id, v.minutes, v.before_minutes,
      v.before_minutes + v.minutes + v.after_minutes, v.notice_minutes, v.window_days, v.seats, s.new_patients, v.full_at, coalesce(p.licensed_from, 'infinity'), coalesce(p.licensed_until, '-infinity'),
      count(*) filter (where v.first) over (partition by s.practitioner_id) > 1,
      json_strip_nulls(json_build_object(
        'id', p.id, 'name', p.name, 'gender', p.gender, 'languages', p.languages, 'specialities', p.specialities, 'modes', s.modes,
        'place', case when l.id is not null then json_build_object('id', l.id, 'name', l.name, 'zone', s.zone) end,
        'service', case when v.id is not null then json_build_object('id', v.id, 'code', v.code, 'name', v.name) end))
    from schedule s join practitioner p on p.id = s.practitioner_id left join place l on l.id = s.place_id
    cross join lateral (
      select id, code, name, speciality, true as first, minutes, before_minutes, after_minutes, notice_minutes, window_days, seats, full_at
      from service where id = any (s.services) and deleted_at is null
      union all
      select null, null, null, x.speciality, x.n = 1, s.minutes, 0, 0, 0, 90, 1, '{}'
      from unnest(s.specialities) with ordinality x(speciality, n) where s.services = '{}') v
    where s.practitioner_id = any (practitioners) and s.deleted_at is null
    on conflict (schedule_id, service, speciality) do update set
      first = excluded.first, place_id = excluded.place_id, modes = excluded.modes, languages = excluded.languages, gender = excluded.gender, service_id = excluded.service_id,
      minutes = excluded.minutes, before_minutes = excluded.before_minutes, whole_minutes = excluded.whole_minutes, notice_minutes = excluded.notice_minutes,
      window_days = excluded.window_days, seats = excluded.seats, new_patients = excluded.new_patients, full_at = excluded.full_at, licensed_from = excluded.licensed_from, licensed_until = excluded.licensed_until,
      several = excluded.several, card = excluded.card;
  perform refresh_next(array(select id from schedule where practitioner_id = any (practitioners) and deleted_at is null), at);
end $$;

-- Counts a service's visits in one week, by the days' bounds, and marks the days and the week that have as many as they may. Whoever calls this holds the
-- practitioner's lock. With `booking` it refuses what is one too many.
create function refresh_full(wanted uuid, bounds timestamptz[], booking boolean, at timestamptz) returns void language plpgsql as $$
declare
  week tstzrange := tstzrange(bounds[1], bounds[cardinality(bounds)]);
  limits record;
  most int;
  total int;
  marked tstzmultirange;
begin
  select practitioner_id, per_day, per_week, seats, full_at into limits from service where id = wanted and (per_day is not null or per_week is not null);
  if not found then
    return;
  end if;
  select max(n), sum(n), coalesce(range_agg(day) filter (where n >= limits.per_day), '{}') into most, total, marked from (
    select d.day, (select case when limits.seats > 1 then count(distinct a.start_at) else count(*) end from appointment a where a.practitioner_id = limits.practitioner_id and a.service_id = wanted and a.start_at >= lower(d.day) and a.start_at < upper(d.day)
      and a.status <> 'cancelled' and (a.status <> 'pending' or a.held_until > at)) as n
    from (select tstzrange(bounds[i], bounds[i + 1]) as day from generate_series(1, cardinality(bounds) - 1) i) d) x;
  if booking and (most > limits.per_day or total > limits.per_week) then
    raise exclusion_violation using message = 'the day or the week is full', constraint = 'service_full';
  end if;
  marked := limits.full_at - tstzmultirange(week) + case when total >= limits.per_week then tstzmultirange(week) else marked end;
  if marked <> limits.full_at then
    update service set full_at = marked where id = wanted;
    update offer set full_at = marked where service_id = wanted;
    perform refresh_next(array(select schedule_id from offer where service_id = wanted), at);
  end if;
end $$;

create function resources_of(shift bigint) returns uuid[] language sql stable as $$
  select array(select resource_id from shift_resource where shift_id = shift order by resource_id)
$$;

-- Rebuilds what is free in these shifts. The caller holds the lock on their resources, so that no claim is missed.
create function refresh_free(shifts bigint[], at timestamptz) returns void language plpgsql as $$
begin
  delete from free_range f using shift s
    where s.id = any (shifts) and f.schedule_id = s.schedule_id and f.end_at > lower(s.during) and f.end_at <= upper(s.during);
  insert into free_range (schedule_id, start_at, end_at)
    select s.schedule_id, lower(r.piece), upper(r.piece)
    from shift s
    cross join lateral (
      select range_agg(c.during) as taken from claim c where c.resource_id = any (resources_of(s.id) || s.practitioner_id) and c.during && s.during) t
    cross join lateral unnest(tstzmultirange(s.during) - coalesce(t.taken, '{}')) r(piece)
    where s.id = any (shifts);
  perform refresh_next(array(select distinct s.schedule_id from shift s where s.id = any (shifts)), at);
end $$;

-- Takes a time out of what is free in these schedules, and tells in which of them all of it was. Next slots change only where they end after it begins
-- (also where there was none: what is left may begin at another minute, and fit): one for a day a month ahead is cheap.
create function carve(schedules uuid[], wanted tstzrange, at timestamptz) returns uuid[] language plpgsql as $$
declare
  sooner boolean;
  whole uuid[];
begin
  with gone as (
    delete from free_range where schedule_id = any (schedules) and end_at > lower(wanted) and start_at < upper(wanted) returning *),
  left_over as (
    insert into free_range (schedule_id, start_at, end_at)
      select g.schedule_id, lower(r.piece), upper(r.piece)
      from gone g cross join lateral unnest(tstzmultirange(tstzrange(g.start_at, g.end_at)) - tstzmultirange(wanted)) r(piece))
  select array(select g.schedule_id from gone g where g.start_at <= lower(wanted) and g.end_at >= upper(wanted)),
      exists (select from offer where schedule_id = any (schedules) and next_at + make_interval(mins => whole_minutes - before_minutes) > lower(wanted))
    into whole, sooner;
  if sooner then
    perform refresh_next(schedules, at);
  end if;
  return whole;
end $$;

-- Shifts that any of these resources serve at that time: a room or a device may be shared by several practitioners. One resource after the other: a GiST index cannot
-- be asked for any of a list, and would read whatever is in the house at that time.
create function shifts_of(resources uuid[], at tstzrange) returns bigint[] language sql stable as $$
  select array_agg(distinct x.id) from unnest(resources) r cross join lateral (
    select s.id from shift s where s.practitioner_id = r and s.during && at
    union all
    select u.shift_id from shift_resource u where u.resource_id = r and u.during && at) x
$$;

-- Claims all of these for one holder or none: the rows go in sorted (no deadlock), holds that have lapsed make way, and one that is taken raises 23P01.
-- The patient is taken for the visit, everybody else also for the time before and after it. Overbooked, each of those goes into the first lane that is
-- free; there are five, so that nobody stacks a day.
create function take(holder uuid, patient uuid, visit tstzrange, resources uuid[], busy tstzrange, overbook boolean, held timestamptz, at timestamptz)
returns void language plpgsql as $$
declare
  wanted uuid[] := case when patient is null then resources else resources || patient end;
  placed int;
  lapsed tstzrange;
  again bigint[];
  whose uuid[];
begin
  for attempt in 1..2 loop
    insert into claim (holder_id, resource_id, lane, during, held_until)
      select holder, r, x.lane, case r when patient then visit else busy end, held
      from unnest(wanted) r
      cross join lateral (select case when overbook and r is distinct from patient then (
        select min(l) from generate_series(0, 4) l where not exists (select from claim c where c.resource_id = r and c.lane = l and c.during && busy)) else 0 end as lane) x
      where x.lane is not null order by r
      on conflict do nothing;
    get diagnostics placed = row_count;
    if placed = cardinality(wanted) then
      return;
    end if;
    with gone as (
      delete from claim where resource_id = any (wanted) and during && case resource_id when patient then visit else busy end and held_until <= at returning during)
      select range_merge(range_agg(during)) into lapsed from gone;
    exit when lapsed is null;
    delete from claim where holder_id = holder and resource_id = any (wanted);
    again := shifts_of(resources, range_merge(busy, lapsed)); -- what the hold took may reach into hours of others, before or after ours
    whose := array(select distinct s.practitioner_id from shift s where s.id = any (again));
    if (select count(*) from (select from resource r where r.id = any (whose) for no key update skip locked) l) < cardinality(whose) then
      raise serialization_failure using message = 'others are at work on hours that a hold gives back';
    end if;
    perform refresh_free(again, at);
  end loop;
  raise exclusion_violation using message = 'claim is taken', constraint = 'claim_no_overlap';
end $$;

-- Takes what was claimed out of what is free. In the practitioners' own schedules all of it must have been: that also keeps out what is no claim.
create function take_free(schedules uuid[], resources uuid[], wanted tstzrange, overbook boolean, at timestamptz) returns void language plpgsql as $$
declare
  whole uuid[] := carve(case when cardinality(resources) = 1 then schedules else
    array(select distinct s.schedule_id from shift s where s.id = any (shifts_of(resources, wanted))) end, wanted, at);
begin
  if not (overbook or schedules <@ whole) then
    raise exclusion_violation using message = 'the time is not free', constraint = 'claim_no_overlap';
  end if;
end $$;

-- The first seat that is free in a group visit, which is opened for the first. Overbooked, a seat more.
create function take_seat(appointment uuid, of_schedule uuid, resources uuid[], visit tstzrange, busy tstzrange, of_service uuid, of_seats int,
  overbook boolean, held timestamptz, at timestamptz) returns void language plpgsql as $$
declare
  together uuid;
begin
  select g.id into together from group_visit g join schedule s on s.practitioner_id = g.practitioner_id
    where s.id = of_schedule and g.service_id = of_service and g.start_at = lower(visit);
  if together is null then
    together := gen_random_uuid();
    perform take(together, null, null, resources, busy, overbook, null, at);
    perform take_free(array[of_schedule], resources, busy, overbook, at);
    insert into group_visit (id, schedule_id, service_id, practitioner_id, start_at, end_at, seats)
      select together, of_schedule, of_service, s.practitioner_id, lower(visit), upper(visit), of_seats from schedule s where s.id = of_schedule;
  end if;
  delete from claim where resource_id = together and held_until <= at;
  insert into claim (holder_id, resource_id, lane, during, held_until)
    select appointment, together, min(l), visit, held from generate_series(0, of_seats - 1 + case when overbook then 5 else 0 end) l
    where not exists (select from claim c where c.resource_id = together and c.lane = l) having min(l) is not null;
  if not found then
    raise exclusion_violation using message = 'every seat is taken', constraint = 'claim_no_overlap';
  end if;
  perform count_seats(together, of_seats, at);
end $$;

-- How many sit in a group visit. Nobody any more: it is gone, and what it took is free.
create function count_seats(together uuid, of_seats int, at timestamptz) returns void language plpgsql as $$
declare
  sat int := (select count(*) from claim where resource_id = together);
  of_schedule uuid;
begin
  if sat = 0 then
    perform release_claims(together, at);
    delete from group_visit where id = together;
    return;
  end if;
  update group_visit set taken = sat, seats = greatest(sat, coalesce(of_seats, seats)) where id = together returning schedule_id into of_schedule;
  perform refresh_next(array[of_schedule], at);
end $$;

-- All that a visit takes, or nothing. The caller holds the locks on the resources.
create function place_claims(appointment uuid, schedules uuid[], patient uuid, resources uuid[], visit tstzrange,
  before_minutes int, after_minutes int, of_service uuid, of_seats int, overbook boolean, held timestamptz, at timestamptz) returns void language plpgsql as $$
declare
  busy tstzrange := tstzrange(lower(visit) - make_interval(mins => before_minutes), upper(visit) + make_interval(mins => after_minutes));
begin
  if of_seats > 1 then
    perform take(appointment, patient, visit, '{}', visit, false, held, at);
    perform take_seat(appointment, schedules[1], resources, visit, busy, of_service, of_seats, overbook, held, at);
  else
    perform take(appointment, patient, visit, resources, busy, overbook, held, at);
    perform take_free(schedules, resources, busy, overbook, at);
  end if;
end $$;

create function release_claims(holder uuid, at timestamptz) returns void language plpgsql as $$
declare
  freed uuid[];
  was tstzrange;
begin
  with gone as (delete from claim where holder_id = holder returning resource_id, during)
    select array_agg(resource_id), range_merge(range_agg(during)) into freed, was from gone;
  if freed is not null then
    perform refresh_free(shifts_of(freed, was), at);
    perform count_seats(id, null, at) from group_visit where id = any (freed);
  end if;
end $$;

-- A hold becomes a booking: its claims stay. If they were not all there any more, the hold had lapsed.
create function confirm_claims(appointment uuid, expected int) returns void language plpgsql as $$
declare
  kept int;
begin
  update claim set held_until = null where holder_id = appointment;
  get diagnostics kept = row_count;
  if kept < expected then
    raise exclusion_violation using message = 'hold has lapsed', constraint = 'claim_no_overlap';
  end if;
end $$;

-- Whose rows are locked before somebody is booked: the practitioner; what is taken with the hours around `start`; and whoever has hours with any of that
-- meanwhile, since what is free of theirs is changed too. Without those, two bookings that share different things with a third practitioner would both change
-- what is free there, and one would not see what the other did.
create function around(practitioner uuid, start timestamptz) returns uuid[] language sql stable as $$
  select array(
    select practitioner
    union
    select u.resource_id from shift s join shift_resource u on u.shift_id = s.id where s.practitioner_id = practitioner and s.during @> start
    union
    select o.practitioner_id from shift s join shift_resource u on u.shift_id = s.id
      join shift_resource w on w.resource_id = u.resource_id and w.during && s.during join shift o on o.id = w.shift_id
      where s.practitioner_id = practitioner and s.during @> start)
$$;

-- Locks those, in order of id: whoever books here next waits, and then sees what we did.
-- Then tells what the rules of booking need to know (booking-rules.ts): in a statement of its own, whose snapshot includes whoever was before.
-- `practising` is whom the caller is: who treats somebody may book for them at their own practice.
create function booking_facts(account uuid, patient uuid, practitioner uuid, start timestamptz, at timestamptz, hold boolean, wanted uuid, practising uuid)
returns table (relationship text, practitioner_known boolean, licensed_from timestamptz, licensed_until timestamptz, open_holds int,
  schedule_id uuid, shift_from timestamptz, shift_until timestamptz, services int, service_id uuid, minutes smallint, before_minutes smallint, after_minutes smallint,
  notice_minutes int, window_days smallint, seats smallint, modes text[], resources uuid[], place_id uuid, zone text, new_patients boolean, patient_known boolean)
language plpgsql as $$
declare
  locked uuid[] := around(practitioner, start);
begin
  if hold then -- the holds of an account are counted: one after another
    perform pg_advisory_xact_lock(hashtextextended('hold ' || account, 0));
  end if;
  perform from resource r where r.id = any (locked) order by r.id for no key update;
  select coalesce(platform.may(account, patient, 'book', at),
        case when practising = practitioner and platform.may(account, patient, 'see-record', at) in ('treatment', 'break-glass') then 'treatment' end),
      p.id is not null, p.licensed_from, p.licensed_until,
      (select count(*)::int from appointment h where h.made_by = account and h.status = 'pending' and h.held_until > at),
      c.id, lower(s.during), upper(s.during), cardinality(c.services), v.id, coalesce(v.minutes, c.minutes), coalesce(v.before_minutes, 0), coalesce(v.after_minutes, 0),
      coalesce(v.notice_minutes, 0), coalesce(v.window_days, 90), coalesce(v.seats, 1), c.modes, resources_of(s.id), c.place_id, c.zone, c.new_patients,
      c.new_patients or exists (select from appointment a where a.patient_id = patient and a.practitioner_id = practitioner and a.status not in ('pending', 'cancelled', 'entered-in-error'))
    into relationship, practitioner_known, licensed_from, licensed_until, open_holds,
      schedule_id, shift_from, shift_until, services, service_id, minutes, before_minutes, after_minutes, notice_minutes, window_days, seats, modes, resources, place_id, zone,
      new_patients, patient_known
    from (values (1)) one
    left join practitioner p on p.id = practitioner
    left join shift s on s.practitioner_id = p.id and s.during @> start
    left join schedule c on c.id = s.schedule_id
    left join service v on v.id = any (c.services) and v.deleted_at is null and (v.id = wanted or wanted is null and cardinality(c.services) = 1);
  if resources <> '{}' and not around(practitioner, start) <@ locked then -- the hours moved while we waited: once more, with the locks on those
    raise serialization_failure using message = 'the hours moved';
  end if;
  return next;
end $$;

-- Locks the calendars of practitioners: them, and every room and device that their schedules use, since whoever rebuilds their hours reads the claims there.
create function lock_calendars(practitioners uuid[], others uuid[]) returns void language plpgsql as $$
declare
  locked uuid[] := practitioners || others || array(select unnest(resources) from schedule where practitioner_id = any (practitioners));
begin
  perform from resource where id = any (locked) order by id for no key update;
  if exists (select from schedule where practitioner_id = any (practitioners) and not resources <@ locked) then
    raise serialization_failure using message = 'the hours moved'; -- while we waited: once more, with the lock on that room
  end if;
end $$;

-- What an appointment claims; where several sit, also what their group visit claims.
create function claimed_by(appointment uuid) returns table (resource_id uuid, during tstzrange) language sql stable as $$
  select c.resource_id, c.during from claim c where c.holder_id = appointment
  union all
  select c.resource_id, c.during from claim seat join claim c on c.holder_id = seat.resource_id where seat.holder_id = appointment
$$;

-- Whose rows are locked before an appointment gives up what it claims, or goes elsewhere: that; whoever has hours with it, and what is taken with those.
-- Not always what it was booked with: the hours may have moved to another room since.
create function around_claims(appointment uuid, start timestamptz, other uuid) returns uuid[] language plpgsql stable as $$
begin
  return array(
    select c.resource_id from claimed_by(appointment) c
    union
    select x.id from claimed_by(appointment) c
      cross join lateral unnest(shifts_of(array[c.resource_id], c.during)) h(shift)
      join shift s on s.id = h.shift
      cross join lateral (select s.practitioner_id as id union all select u.resource_id from shift_resource u where u.shift_id = s.id) x
    union
    select unnest(a.practitioner_id || case when start is null then '{}' else around(coalesce(other, a.practitioner_id), start) end)
      from appointment a where a.id = appointment);
end $$;

-- Locks what an appointment claims, and what is taken with the hours that will be rebuilt when it gives that up or goes elsewhere: to `start`, with
-- another practitioner where one is named.
create function lock_claimed(appointment uuid, start timestamptz, other uuid) returns void language plpgsql as $$
declare
  locked uuid[] := around_claims(appointment, start, other);
begin
  perform from resource r where r.id = any (locked) order by r.id for no key update;
  if not around_claims(appointment, start, other) <@ locked then
    raise serialization_failure using message = 'the hours moved';
  end if;
end $$;

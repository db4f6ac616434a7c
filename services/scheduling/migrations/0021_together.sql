-- A visit that several practitioners give together, all of them at the same time. Each has an appointment of their own for it: in their calendar, feed and
-- day. The first stands for the visit: it claims what all of them take, whole or not at all. See docs/decisions/0041-given-together.md.
alter table appointment
  add column together uuid,   -- the first of them, which has it of itself too
  add column given_by uuid[], -- its practitioners, in the order in which they were named
  add constraint appointment_together check ((together is null) = (given_by is null)) not valid;
alter table appointment validate constraint appointment_together;

-- As booking_facts in 0001, for several: one order over everything that any of them can claim, so that no two who book can wait for each other. What is
-- asked of each afterwards finds its locks held.
create function lock_all(practitioners uuid[], start timestamptz) returns void language plpgsql as $$
declare
  locked uuid[] := array(select unnest(around(p, start)) from unnest(practitioners) p);
begin
  perform from resource r where r.id = any (locked) order by r.id for no key update;
  if not array(select unnest(around(p, start)) from unnest(practitioners) p) <@ locked then -- the hours moved while we waited
    raise serialization_failure using message = 'the hours moved';
  end if;
end $$;

-- As take in 0001, for a holder of whom each resource is taken for a time of its own; nobody is overbooked here.
create function take_each(holder uuid, wanted uuid[], times tstzrange[], at timestamptz) returns void language plpgsql as $$
declare
  placed int;
  lapsed tstzrange;
  again bigint[];
  whose uuid[];
begin
  for attempt in 1..2 loop
    insert into claim (holder_id, resource_id, during)
      select holder, w.r, w.t from unnest(wanted, times) w(r, t) order by w.r
      on conflict do nothing;
    get diagnostics placed = row_count;
    if placed = cardinality(wanted) then
      return;
    end if;
    with gone as (
      delete from claim c using unnest(wanted, times) w(r, t) where c.resource_id = w.r and c.during && w.t and c.held_until <= at returning c.during)
      select range_merge(range_agg(during)) into lapsed from gone;
    exit when lapsed is null;
    delete from claim where holder_id = holder and resource_id = any (wanted);
    again := shifts_of(wanted, range_merge(lapsed, (select range_merge(range_agg(t)) from unnest(times) t)));
    whose := array(select distinct s.practitioner_id from shift s where s.id = any (again));
    if (select count(*) from (select from resource r where r.id = any (whose) for no key update skip locked) l) < cardinality(whose) then
      raise serialization_failure using message = 'others are at work on hours that a hold gives back';
    end if;
    perform refresh_free(again, at);
  end loop;
  raise exclusion_violation using message = 'claim is taken', constraint = 'claim_no_overlap';
end $$;

-- All that a visit of several takes, or nothing. `wanted` begins with the practitioners, in the order of their schedules; rooms, devices and the patient
-- follow. First what each gives of their own hours, which must have been free: what they share would be missing in the hours of the second. Who may hear of
-- the visit is asked by the most sensitive of its parts, since each of them names all.
create function place_together(holder uuid, schedules uuid[], wanted uuid[], times tstzrange[], at timestamptz) returns void language plpgsql as $$
begin
  perform take_each(holder, wanted, times, at);
  for i in 1..cardinality(schedules) loop
    perform take_free(array[schedules[i]], array[wanted[i]], times[i], false, at);
  end loop;
  for i in cardinality(schedules) + 1..cardinality(wanted) loop
    perform carve(array(select distinct s.schedule_id from shift s where s.id = any (shifts_of(array[wanted[i]], times[i]))), times[i], at);
  end loop;
  update appointment a set category = s.category
    from (select category from appointment where together = holder and category <> 'general' order by id <> holder, id limit 1) s
    where a.together = holder and a.category = 'general';
end $$;

-- As in 0001; of one of several who give a visit, what the first of them claims.
create or replace function claimed_by(appointment uuid) returns table (resource_id uuid, during tstzrange) language sql stable as $$
  select c.resource_id, c.during from claim c where c.holder_id = appointment
  union all
  select c.resource_id, c.during from claim seat join claim c on c.holder_id = seat.resource_id where seat.holder_id = appointment
  union all
  select c.resource_id, c.during from appointment a join claim c on c.holder_id = a.together where a.id = claimed_by.appointment and a.together <> a.id
$$;

-- As in 0001; where several go elsewhere together, with what each of them claims there.
create or replace function around_claims(appointment uuid, start timestamptz, other uuid) returns uuid[] language plpgsql stable as $$
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
      from appointment a where a.id = appointment
    union
    select unnest(p || case when start is null then '{}' else around(p, start) end)
      from appointment a cross join lateral unnest(a.given_by) p where a.id = appointment);
end $$;

-- Two records of a patient became one, or were parted again: their appointments follow. Registry says which merges stand; here is what was moved
-- for each, so that it can be given back.

create table patient_merge (
  id          uuid primary key,
  survivor_id uuid not null,
  replaced_id uuid not null,
  stands      boolean not null -- a merge that was undone before it was heard of leaves its row too: it is not followed any more
);
create index patient_merge_by_replaced on patient_merge (replaced_id) where stands;
create index patient_merge_by_survivor on patient_merge (survivor_id) where stands;

create table patient_merge_moved (
  merge_id       uuid not null references patient_merge,
  appointment_id uuid not null references appointment on delete cascade, -- a hold that lapses takes its row along
  primary key (merge_id, appointment_id)
);
create index patient_merge_moved_by_appointment on patient_merge_moved (appointment_id);

-- Bookings and moves for a patient share this lock; following a merge takes it alone. One of 1,024 and not one for each patient: a restore or a
-- demonstration writes everybody's visits in one transaction, and would run out of the server's locks (seen with 6,000 patients).
create function patient_lock(patient uuid) returns bigint language sql immutable strict parallel safe as $$
  select 7305117000 + (hashtextextended(patient::text, 0) & 1023)
$$;

-- Nothing is booked for a patient who has been replaced: whoever tries goes again, and then has no access to that patient any more.
create function wait_for_merge() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock_shared(scheduling.patient_lock(new.patient_id));
  if tg_op = 'INSERT' and exists (select from scheduling.patient_merge m where m.replaced_id = new.patient_id and m.stands) then
    raise serialization_failure using message = 'the patient has been replaced';
  end if;
  return new;
end $$;
create trigger appointment_waits_for_merge before insert or update of start_at on appointment for each row execute function wait_for_merge();

-- Two records may have had visits at the same time. Nothing is cancelled for that: the second one's claim goes into the next lane.
create function move_claims(appointments uuid[], from_patient uuid, to_patient uuid) returns void language plpgsql as $$
declare
  one record;
begin
  for one in
    select c.holder_id, c.during from claim c
    where c.holder_id = any (appointments) and c.resource_id = from_patient order by lower(c.during), c.holder_id
  loop
    update claim set resource_id = to_patient, lane = (
        select min(l.lane) from generate_series(0, 100) l(lane)
        where not exists (select from claim o where o.resource_id = to_patient and o.lane = l.lane and o.during && one.during))
      where holder_id = one.holder_id and resource_id = from_patient;
  end loop;
end $$;

-- Gives back what was moved for a merge. Appointments that were made since stay.
create function part_patients(merge uuid, at timestamptz) returns uuid[] language plpgsql as $$
declare
  of_merge patient_merge;
  back uuid[];
begin
  update patient_merge m set stands = false where m.id = merge and m.stands returning * into of_merge;
  if of_merge.id is null then
    return '{}';
  end if;
  back := array(select a.id from appointment a join patient_merge_moved v on v.appointment_id = a.id
    where v.merge_id = merge and a.patient_id = of_merge.survivor_id order by a.id for no key update of a);
  update appointment set patient_id = of_merge.replaced_id, version = version + 1, updated_at = at where id = any (back);
  perform move_claims(back, of_merge.survivor_id, of_merge.replaced_id);
  return back;
end $$;

-- Brings the appointments to where registry says that they belong. Returns those that were moved.
create function follow_merge(merge uuid, survivor uuid, replaced uuid, standing boolean, at timestamptz) returns uuid[] language plpgsql as $$
declare
  gone uuid[];
  fresh boolean;
begin
  perform pg_advisory_xact_lock(l) from (select patient_lock(p) as l from unnest(array[survivor, replaced]) p order by 1) x;
  if not standing then
    insert into patient_merge (id, survivor_id, replaced_id, stands) values (merge, survivor, replaced, false) on conflict do nothing;
    return part_patients(merge, at);
  end if;
  -- One that was in the way has been undone, or registry would not have let this one be: we have only not heard of it yet. What is newer than
  -- this one we have heard of too early; this delivery comes again.
  if exists (select from patient_merge m where m.stands and m.id > merge
      and (m.replaced_id in (survivor, replaced) or m.survivor_id = replaced)) then
    raise serialization_failure using message = 'an earlier merge has not been undone here yet';
  end if;
  perform part_patients(m.id, at) from patient_merge m where m.stands and m.id <> merge
    and (m.replaced_id in (survivor, replaced) or m.survivor_id = replaced);
  insert into patient_merge (id, survivor_id, replaced_id, stands) values (merge, survivor, replaced, true) on conflict do nothing
    returning true into fresh;
  if fresh is null then
    return '{}';
  end if;
  gone := array(select a.id from appointment a where a.patient_id = replaced order by a.id for no key update);
  insert into patient_merge_moved (merge_id, appointment_id) select merge, x from unnest(gone) x;
  update appointment set patient_id = survivor, version = version + 1, updated_at = at where id = any (gone);
  perform move_claims(gone, replaced, survivor);
  return gone;
end $$;

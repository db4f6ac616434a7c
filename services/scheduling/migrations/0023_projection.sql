-- What the FHIR store shows of this room follows from its rows, in the transaction that changes them. See docs/decisions/0052-visits-in-the-store.md.

-- A visit is an Appointment and the answers to it, with the version of its row. Whoever books or changes one has it at hand and writes them with COMMIT, so nothing is noted: it is looked whether they are there.
create function note_visit() returns trigger language plpgsql as $$
declare
  visit uuid := case when tg_op = 'DELETE' then old.id else new.id end;
begin
  insert into platform.projection_due (type, id)
    values ('Appointment', visit), ('AppointmentResponse', visit || '.patient'), ('AppointmentResponse', visit || '.practitioner');
  return null;
end $$;
create function check_visit_shown() returns trigger language plpgsql as $$
begin
  if current_setting('role') = 'none' then -- the owner of the database: a job takes it
    insert into platform.projection_due (type, id)
      values ('Appointment', new.id), ('AppointmentResponse', new.id || '.patient'), ('AppointmentResponse', new.id || '.practitioner');
  elsif not exists (select from platform.fhir_resource r where r.type = 'Appointment' and r.id = new.id::text and r.version >= new.version) then
    raise exception 'a transaction ends and the store does not show the visit that it changed: see services/scheduling/projection/show-visits.ts';
  end if;
  return null;
end $$;
create constraint trigger appointment_is_shown after insert or update on appointment deferrable initially deferred
  for each row when (new.status <> 'pending') execute function check_visit_shown();
create trigger appointment_follows_merge after update on appointment for each row
  when (old.patient_id <> new.patient_id and new.status <> 'pending') execute function note_visit();
create trigger appointment_forgotten after delete on appointment for each row when (old.status <> 'pending') execute function note_visit();

-- What is on offer: a service says where it is given, which its schedules know. Which days are full, and how far hours are written out, is not among it.
create function note_schedule() returns trigger language plpgsql as $$
begin
  insert into platform.projection_due (type, id)
    select 'Schedule', new.id::text
    union select 'HealthcareService', s::text from unnest(case when tg_op = 'UPDATE' then old.services else '{}' end || new.services) s;
  return null;
end $$;
create trigger schedule_projected after insert on schedule for each row execute function note_schedule();
create trigger schedule_change_projected after update on schedule for each row
  when ((old.place_id, old.modes, old.specialities, old.services, old.valid_from, old.valid_until, old.deleted_at)
    is distinct from (new.place_id, new.modes, new.specialities, new.services, new.valid_from, new.valid_until, new.deleted_at))
  execute function note_schedule();
create function note_service() returns trigger language plpgsql as $$
begin
  insert into platform.projection_due (type, id)
    select 'HealthcareService', new.id::text
    union all select 'Schedule', s.id::text from scheduling.schedule s where s.practitioner_id = new.practitioner_id and new.id = any (s.services);
  return null;
end $$;
create trigger service_projected after insert on service for each row execute function note_service();
create trigger service_change_projected after update on service for each row
  when ((old.code, old.name, old.speciality, old.minutes, old.deleted_at) is distinct from (new.code, new.name, new.speciality, new.minutes, new.deleted_at))
  execute function note_service();
create function note_place() returns trigger language plpgsql as $$
begin
  insert into platform.projection_due (type, id)
    select distinct 'HealthcareService', v::text from scheduling.schedule s cross join lateral unnest(s.services) v where s.place_id = new.id;
  return null;
end $$;
create trigger place_projected after update on place for each row
  when (old.organisation_id is distinct from new.organisation_id) execute function note_place();

-- Hours of somebody without a licence are on no offer.
create function note_licence() returns trigger language plpgsql as $$
begin
  insert into platform.projection_due (type, id) select 'Schedule', s.id::text from scheduling.schedule s where s.practitioner_id = new.id;
  return null;
end $$;
create trigger practitioner_projected after update on practitioner for each row
  when ((old.licensed_from is null) <> (new.licensed_from is null)) execute function note_licence();

-- What is there already.
insert into platform.projection_due (type, id)
  select 'Appointment', id::text from appointment where status <> 'pending'
  union all select 'AppointmentResponse', id || by from appointment, unnest('{.patient,.practitioner}'::text[]) by where status <> 'pending'
  union all select 'Schedule', id::text from schedule
  union all select 'HealthcareService', id::text from service;

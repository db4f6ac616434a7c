-- The day itself: who has come, in which order they are seen, and how each visit ended. Numbers belong to the queue that gave them out and to one day in
-- its zone; they go on without holes, since the counter is a row that the transaction locks and gives back when it fails.

alter table place add column organisation_id uuid; -- whose desk runs the day there; mirrored from registry

-- How a day is run at a place; without a row, as settings.ts says.
create table day_setting (
  place_id             uuid primary key references place,
  early_minutes        smallint not null check (early_minutes between 0 and 720),
  late_minutes         smallint not null check (late_minutes between 0 and 120),
  grace_minutes        smallint check (grace_minutes between 5 and 480),        -- null: nobody is marked as a no-show by the clock
  remote_grace_minutes smallint check (remote_grace_minutes between 5 and 480), -- of visits by video and phone
  version              integer not null default 1,
  updated_at           timestamptz not null,
  demo                 boolean not null default platform.is_demo()
);

-- Of a practitioner, or of all at a place who do the same: of a speciality, or of a service.
create table queue (
  id              uuid primary key,
  place_id        uuid references place, -- null: visits by video or phone, of a practitioner who names no place
  zone            text not null,
  letter          text not null check (letter ~ '^[A-Z]{1,2}$'),
  name            text,                  -- null: that of the practitioner
  practitioner_id uuid references practitioner,
  speciality      text,
  service         text,                  -- its code
  minutes         smallint not null check (minutes between 5 and 240), -- planned for a visit
  version         integer not null default 1,
  created_at      timestamptz not null,
  deleted_at      timestamptz,
  demo            boolean not null default platform.is_demo(),
  check (num_nonnulls(practitioner_id, speciality, service) = 1),
  check (place_id is not null or practitioner_id is not null)
);
create unique index queue_letter on queue (place_id, letter) where deleted_at is null;
create unique index queue_of_practitioner on queue (practitioner_id, place_id) nulls not distinct where practitioner_id is not null and deleted_at is null;
create unique index queue_of_speciality on queue (place_id, speciality) where speciality is not null and deleted_at is null;
create unique index queue_of_service on queue (place_id, service) where service is not null and deleted_at is null;

create table queue_number (
  queue_id uuid not null references queue,
  on_date  date not null, -- in the queue's zone
  newest   smallint not null check (newest between 1 and 999),
  primary key (queue_id, on_date)
);
create index queue_number_by_age on queue_number (on_date);

create table queue_entry (
  id              uuid primary key,
  queue_id        uuid not null references queue, -- where they wait
  issuer_id       uuid not null references queue, -- whose number they hold: it stays with them when they go to another queue
  on_date         date not null,
  number          smallint not null,
  appointment_id  uuid references appointment on delete cascade,
  patient_id      uuid, -- of somebody who came without a booking and is registered; of a booked visit the appointment says it
  first_name      text, -- of somebody who is not registered, where it was asked for
  practitioner_id uuid references practitioner, -- with whom; null: whoever is free first
  state           text not null check (state in ('waiting', 'called', 'done', 'left', 'withdrawn')),
  priority        smallint not null check (priority between 1 and 5),
  priority_reason text,
  due_at          timestamptz not null, -- the order in which they are called: order.ts
  arrived_at      timestamptz not null,
  called_at       timestamptz,
  called_by       uuid references practitioner,
  ended_at        timestamptz,
  reason          text, -- a code: of the last step that needed one
  version         integer not null default 1,
  updated_at      timestamptz not null,
  demo            boolean not null default platform.is_demo(),
  constraint queue_number_once unique (issuer_id, on_date, number),
  check (first_name is null or appointment_id is null and patient_id is null),
  check (patient_id is null or appointment_id is null),
  check (state <> 'called' or called_at is not null),
  check ((ended_at is not null) = (state in ('done', 'left', 'withdrawn')))
);
create unique index queue_entry_of_visit on queue_entry (appointment_id) where state <> 'withdrawn';
-- Somebody waits once in a queue, however many desks they are known to.
create unique index queue_entry_once on queue_entry (queue_id, on_date, patient_id) where patient_id is not null and state in ('waiting', 'called');
create index queue_entry_by_appointment on queue_entry (appointment_id) where appointment_id is not null; -- for the cascade
create index queue_entry_in_order on queue_entry (queue_id, least(priority, 3), due_at, arrived_at, id) where state = 'waiting';
create index queue_entry_by_arrival on queue_entry (queue_id, arrived_at);
create index queue_entry_by_patient on queue_entry (patient_id) where patient_id is not null;
create index queue_entry_by_age on queue_entry (on_date);

-- What opens the screen of a waiting room.
create table board_key (
  id         uuid primary key,
  place_id   uuid not null references place,
  name       text not null,
  shows      text not null check (shows in ('numbers', 'initials')),
  queues     uuid[] not null default '{}', -- none: all of the place
  key_hash   bytea not null,
  created_at timestamptz not null,
  revoked_at timestamptz,
  demo       boolean not null default platform.is_demo()
);
create unique index board_key_hash on board_key (key_hash);
create index board_key_by_place on board_key (place_id, id);

-- Who runs the day: whoever works for the organisation whose place it is, and the desk that keeps the practitioner's hours.
create function runs_day(account uuid, at_place uuid, practitioner uuid, at timestamptz) returns boolean language plpgsql stable as $$
begin
  return exists (select from place p where p.id = at_place and platform.works_at(account, p.organisation_id, '{desk,manager}'))
    or practitioner is not null and platform.keeps_hours(account, practitioner, at);
end $$;

-- Whether somebody sees the people of a queue: whose it is, or who has hours there around that time for what it is for.
create function serves_queue(practitioner uuid, wanted uuid, at timestamptz) returns boolean language plpgsql stable as $$
begin
  return practitioner is not null and exists (
    select from queue q where q.id = wanted and (q.practitioner_id = practitioner or q.practitioner_id is null and exists (
      select from shift s join schedule c on c.id = s.schedule_id
      where s.practitioner_id = practitioner and s.during && tstzrange(at - interval '12 hours', at + interval '12 hours') and c.place_id = q.place_id
        and (c.services = '{}' and q.speciality = any (c.specialities) or exists (
          select from service v where v.id = any (c.services) and v.deleted_at is null and (v.code = q.service or v.speciality = q.speciality))))));
end $$;

-- For whom a record stands by now: merges are followed where they are read, so that parting two records again needs nothing here.
create function stands_for(patient uuid) returns uuid language plpgsql stable as $$
begin
  return coalesce((select m.survivor_id from patient_merge m where m.replaced_id = patient and m.stands), patient);
end $$;

-- The queue that a visit belongs to: the practitioner's own, else that of its service, else that of a speciality of it.
create function queue_for(visit uuid) returns uuid language plpgsql stable as $$
begin
  return (
    select q.id from appointment a join schedule c on c.id = a.schedule_id left join service v on v.id = a.service_id
    join queue q on q.deleted_at is null and (q.place_id = a.place_id or q.place_id is null and a.place_id is null)
      and (q.practitioner_id = a.practitioner_id or q.service = v.code or q.speciality = v.speciality or v.id is null and q.speciality = any (c.specialities))
    where a.id = visit
    order by q.practitioner_id is null, q.service is null, q.id limit 1);
end $$;

-- The first letter, or two, that no queue of the place has. The caller holds the lock on the place.
create function free_letter(at_place uuid) returns text language plpgsql stable as $$
begin
  return (
    select l.letter from (
      select n, case when n < 26 then chr(65 + n) else chr(64 + n / 26) || chr(65 + n % 26) end as letter from generate_series(0, 701) n) l
    where not exists (select from queue q where q.place_id = at_place and q.letter = l.letter and q.deleted_at is null)
    order by l.n limit 1);
end $$;

-- Screens look again when a queue changes, in whichever process they are open: those of the place, or of a queue without one.
create function tell_day() returns trigger language plpgsql as $$
begin
  perform pg_notify('openhcs_day', coalesce(q.place_id, q.id)::text) from scheduling.queue q
    where q.id = case when tg_table_name = 'queue' then new.id else (to_jsonb(new) ->> 'queue_id')::uuid end;
  return new;
end $$;
create trigger tell_day after insert or update on queue_entry for each row execute function tell_day();
create trigger tell_day after insert or update on queue for each row execute function tell_day();

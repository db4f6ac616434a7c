-- Hours change, and what was booked in them stays booked: nothing is cancelled silently. Each visit that is left outside is a task for somebody.

-- Days on which a place is closed. Nobody has hours there, but who says that they work on holidays, or adds hours on the day.
create table place_holiday (
  id         uuid primary key,
  place_id   uuid not null references place,
  on_date    date not null,
  name       text not null,
  created_at timestamptz not null,
  constraint place_holiday_once unique (place_id, on_date)
);

alter table schedule add column on_holidays boolean not null default false;

create table rebooking (
  appointment_id  uuid primary key references appointment on delete cascade,
  practitioner_id uuid not null,
  cause           text not null check (cause in ('hours', 'exception', 'holiday', 'withdrawn', 'zone', 'declined')),
  opened_at       timestamptz not null,
  settled_at      timestamptz,
  outcome         text check (outcome in ('moved', 'cancelled', 'covered')),
  check ((settled_at is null) = (outcome is null))
);
create index rebooking_open on rebooking (practitioner_id, appointment_id) where settled_at is null;

-- However it is moved or cancelled, by whomever: the task is done.
create function settle_rebooking() returns trigger language plpgsql as $$
begin
  update scheduling.rebooking set settled_at = new.updated_at, outcome = case when new.status = 'booked' then 'moved' else 'cancelled' end
    where appointment_id = new.id and settled_at is null;
  return null;
end $$;
create trigger appointment_settles_rebooking after update of start_at, status on appointment for each row
  when (old.status = 'booked' and (new.status = 'cancelled' or new.start_at <> old.start_at)) execute function settle_rebooking();

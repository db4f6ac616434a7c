-- Who wanted a time and got none, because there was none: once for a patient, a practitioner and a day, however often they tried.
create table turned_away (
  patient_id      uuid not null,
  practitioner_id uuid not null,
  wanted_on       date not null, -- by the clock of the hours
  wanted_at       timestamptz not null,
  schedule_id     uuid not null references schedule,
  service_id      uuid references service,
  place_id        uuid,
  channel         text not null check (channel in ('desk', 'phone', 'web')),
  first_at        timestamptz not null,
  primary key (patient_id, practitioner_id, wanted_on)
);
create index turned_away_by_practitioner on turned_away (practitioner_id, wanted_at);
create index turned_away_by_place on turned_away (place_id, wanted_at) where place_id is not null;
create index turned_away_by_time on turned_away (first_at);

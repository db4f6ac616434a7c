-- Visits that were booked together by one rule. Each is an appointment like any other; it keeps its number whatever becomes of it or of the others.
create table series (
  id         uuid primary key,
  rule       text not null, -- RFC 5545 RRULE
  zone       text not null, -- on whose clock it is meant
  created_at timestamptz not null
);

alter table appointment
  add column series_id uuid,
  add column series_number int,
  add constraint appointment_in_series check ((series_id is null) = (series_number is null)) not valid;
alter table appointment validate constraint appointment_in_series;

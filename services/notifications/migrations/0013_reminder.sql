-- What is to be reminded of, by rule: a week before, on the eve, or, of what is booked later, two hours before. Those of one group go in one message.
create table reminder (
  appointment_id uuid not null,
  rule           text not null check (rule in ('week', 'eve', 'hours')),
  patient_id     uuid not null,
  group_key      text not null, -- of visits of one patient on one day
  start_at       timestamptz not null, -- of the visit, when this was planned
  due_at         timestamptz not null,
  demo           boolean not null default platform.is_demo(),
  primary key (appointment_id, rule)
);
create index reminder_by_group on reminder (group_key);
create index reminder_by_patient on reminder (patient_id);

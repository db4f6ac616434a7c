-- What is to be done when, and what came of it. What follows from the activities of a plan, whose truth is its CarePlan, is written with each of its versions.

create table activity (
  plan_id         uuid not null,
  id              uuid not null,
  patient_id      uuid not null,
  category        text not null,
  instruction     text not null,
  kind            text not null,
  role            text not null check (role in ('patient', 'caregiver', 'practitioner')), -- who does it
  mandate_id      uuid,
  practitioner_id uuid,
  prescription_id uuid, -- which the plan names
  renewal_id      uuid, -- what renewed it since, and goes on in its place
  is_paused       boolean not null default false, -- that is not to be taken now: nothing is planned
  zone            text not null,
  schedule        jsonb, -- null: nothing more is to be done
  planned_until   timestamptz not null, -- infinity: all that there is to it
  tzdata          text not null, -- the rules of the zones by which that was done
  demo            boolean not null default platform.is_demo(),
  primary key (plan_id, id)
);
create index activity_by_patient on activity (patient_id);
create index activity_by_mandate on activity (mandate_id) where mandate_id is not null;
create index activity_by_practitioner on activity (practitioner_id) where practitioner_id is not null;
create index activity_by_prescription on activity ((coalesce(renewal_id, prescription_id))) where prescription_id is not null;
create index activity_by_horizon on activity (planned_until, plan_id, id) where schedule is not null and planned_until < 'infinity';

create table occurrence (
  id          uuid primary key,
  plan_id     uuid not null,
  activity_id uuid not null,
  due_at      timestamptz not null,
  status      text not null default 'due' check (status in ('due', 'done', 'skipped', 'cancelled')),
  told_at     timestamptz,
  done_at     timestamptz, -- when it was done or left out, as whoever did says
  note        text, -- of something left out: why
  done_by     uuid, -- the account
  done_role   text check (done_role in ('patient', 'caregiver', 'practitioner')),
  done_self   uuid, -- which patient, caregiver or practitioner that is
  -- What was to be done and by whom when it was answered, missed or cancelled; null: as its activity says now.
  instruction     text,
  kind            text,
  role            text check (role in ('patient', 'caregiver', 'practitioner')),
  mandate_id      uuid,
  practitioner_id uuid,
  unique (plan_id, activity_id, due_at),
  foreign key (plan_id, activity_id) references activity on delete cascade,
  check ((status in ('done', 'skipped')) = (done_by is not null) and (done_by is null) = (done_at is null)),
  check (num_nulls(instruction, kind, role) in (0, 3))
);
create index occurrence_to_tell on occurrence (due_at, id) where told_at is null and status = 'due';
create index occurrence_by_mandate on occurrence (mandate_id, due_at) where mandate_id is not null; -- what was given to somebody then
create index occurrence_by_practitioner on occurrence (practitioner_id, due_at) where practitioner_id is not null;
create index occurrence_by_account on occurrence (done_by) where done_by is not null;

-- Which accounts do it, and as what: who it was given to, as long as they may see it; where nobody may any more, the patient.
create function holders(of activity, at timestamptz) returns table (account_id uuid, role text) language plpgsql stable as $$
begin
  if of.role = 'caregiver' then
    return query select g.account_id, of.role from platform.access_grant g
      where g.source_id = of.mandate_id and g.subject_id = of.patient_id and g.relationship = 'mandate' and g.revoked_at is null
        and g.valid_from <= at and (g.valid_until is null or g.valid_until > at)
        and platform.may_see(g.account_id, of.patient_id, 'see-record', of.category, at) is not null;
  elsif of.role = 'practitioner' then
    return query select g.account_id, of.role from platform.access_grant g
      where g.subject_id = of.practitioner_id and g.relationship = 'self' and g.revoked_at is null and g.valid_from <= at and (g.valid_until is null or g.valid_until > at)
        and platform.may_see(g.account_id, of.patient_id, 'see-record', of.category, at) is not null;
  end if;
  if not found then
    return query select g.account_id, 'patient' from platform.access_grant g
      where g.subject_id = of.patient_id and g.relationship = 'self' and g.revoked_at is null and g.valid_from <= at and (g.valid_until is null or g.valid_until > at);
  end if;
end $$;

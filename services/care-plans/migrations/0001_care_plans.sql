-- What FHIR has no place for. Plans, goals, prescriptions and templates are in the ground's store (platform/migrations/0016_fhir_store.sql).

create table care_plan (
  id              uuid primary key, -- also of its CarePlan
  patient_id      uuid not null, -- whom it is about by now: merges move it
  practitioner_id uuid not null, -- who made it, and is told of its review
  review_at       timestamptz, -- gone when they have been told
  demo            boolean not null default platform.is_demo()
);
create index care_plan_by_patient on care_plan (patient_id);
create index care_plan_by_review on care_plan (review_at) where review_at is not null;

-- What a merge of two patients moved, so that it can be given back.
create table merge_moved (
  merge_id     uuid not null,
  care_plan_id uuid not null references care_plan on delete cascade,
  primary key (merge_id, care_plan_id)
);

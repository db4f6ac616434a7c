-- What FHIR has no place for. Plans, goals, prescriptions and templates are in the ground's store (platform/migrations/0016_fhir_store.sql).

-- Who is to be told that a plan is to be looked at again; gone when they have been.
create table review (
  care_plan_id    uuid primary key,
  patient_id      uuid not null,
  practitioner_id uuid not null, -- who made the plan
  due_at          timestamptz not null,
  demo            boolean not null default platform.is_demo()
);
create index review_by_due on review (due_at);
create index review_by_patient on review (patient_id);

-- What somebody is about to take over into a record: for a day, and for whoever brought it.
create table record_import (
  id         uuid primary key,
  account_id uuid not null,
  patient_id uuid not null,
  source     text not null, -- where it comes from, as the file says
  bundle     text not null, -- as it came
  preview    text not null, -- as it was shown last: what is decided is decided on that
  version    integer not null default 1,
  applied_at timestamptz,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index record_import_by_end on record_import (expires_at);
create index record_import_by_patient on record_import (patient_id);
create index record_import_by_account on record_import (account_id);

-- Who changed what somebody is about to overwrite.
grant select on platform.audit_event to openhcs_records;

-- What was found when the newest part of the audit was recomputed; see jobs.ts. Metrics tell of the last week.
create table audit_check (
  checked_at timestamptz primary key,
  seals      integer not null,
  broken     integer not null,
  newest     integer not null -- seal, by its number: a chain that ends before it was cut
);

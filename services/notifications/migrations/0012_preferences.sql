-- What reaches whom where: of an account for itself (about = account_id), and for what it gets about somebody it cares for (about = the patient).
create table preferences (
  account_id  uuid not null,
  about       uuid not null,
  wishes      jsonb not null, -- category → channel → at-once, daily or off; what is not there is as it is by default
  zone        text,           -- IANA, of the recipient: for the two below
  quiet_from  time,
  quiet_until time,
  daily_at    time,
  version     integer not null,
  changed_at  timestamptz not null,
  demo        boolean not null default platform.is_demo(),
  primary key (account_id, about),
  constraint preferences_quiet_whole check ((quiet_from is null) = (quiet_until is null)),
  constraint preferences_clock_somewhere check (zone is not null or (quiet_from is null and daily_at is null)),
  constraint preferences_clock_of_account check (about = account_id or zone is null)
);
create index preferences_by_about on preferences (about);

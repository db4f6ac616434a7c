-- Backups that were made, so that `openhcs doctor` and the metrics can say how old the newest is. Written by its owner alone.
create table backup (
  id      uuid primary key,
  made_at timestamptz not null, -- of the snapshot: what came later is not in it
  rows    bigint not null,
  bytes   bigint not null,
  sha256  text not null
);
create index backup_by_age on backup (made_at);
grant select on backup to openhcs_room;

-- Who was told what. A row is written once; only read_at is set later.

-- The newest number given out in an account's inbox. Its row stays locked until the transaction ends, so the numbers of one account become
-- visible in their order: a reader who has seen 6 has seen 5. A sequence would not promise that.
create table inbox_head (
  account_id uuid primary key,
  last_seq   bigint not null
);

create table notification (
  id         uuid primary key,
  account_id uuid not null,
  seq        bigint not null,
  delivery   text not null,  -- of the event, or the reminder, that it tells of
  template   text not null,
  language   text not null,  -- the reader's when this was written; showing it then asks nobody
  params     jsonb not null, -- references and words for people; never clinical content
  resource   text not null,  -- what it is about: Appointment/<id>
  -- A message about somebody else is shown, and mailed, only while the relationship stands under which it was written.
  subject_id uuid,
  power      text,
  created_at timestamptz not null,
  read_at    timestamptz,
  demo       boolean not null default platform.is_demo(),
  constraint notification_subject_with_power check ((subject_id is null) = (power is null)),
  constraint notification_in_order unique (account_id, seq),
  -- However often an event is delivered, each account is told once.
  constraint notification_once unique (delivery, account_id, template)
);
create index notification_unread on notification (account_id, seq) where read_at is null;
create index notification_by_age on notification using brin (created_at); -- for forgetting

-- What is to leave the house, and what became of it. The notification itself is the delivery in the app.

create table delivery (
  id              uuid primary key,
  notification_id uuid not null references notification on delete cascade,
  event           text not null, -- of which it tells: the notification's `delivery`
  account_id      uuid not null,
  channel         text not null check (channel in ('email', 'sms', 'push')),
  template        text not null,
  status          text not null default 'queued' check (status in ('queued', 'sent', 'delivered', 'failed', 'skipped', 'dead')),
  reason          text, -- why it waits, was skipped, failed or was given up: a code, without personal data
  tries           integer not null default 0, -- since it was due
  due_at          timestamptz not null, -- when it was or is to go: later than created_at where it was put off or replayed
  digest          boolean not null default false, -- it goes with others of that day, in one
  escalation      boolean not null default false, -- another channel had not reached its reader
  provider        text, -- who took it
  reference       text, -- and what they call it
  created_at      timestamptz not null,
  sent_at         timestamptz,
  demo            boolean not null default platform.is_demo(),
  -- However often an event is delivered, each channel of each account is used once for it.
  constraint delivery_once unique (event, account_id, channel, template),
  constraint delivery_sent_has_time check (status not in ('sent', 'delivered') or sent_at is not null)
);
create index delivery_unsettled on delivery (status, due_at, id) where status in ('queued', 'failed', 'dead');
create index delivery_by_notification on delivery (notification_id);
create index delivery_by_account on delivery (account_id);
create index delivery_of_digest on delivery (account_id, due_at) where digest and status = 'queued';
create index delivery_by_reference on delivery (provider, reference) where reference is not null;

-- Each time that a provider was asked to take one. Rows stay as they were written, and go with their delivery alone.
create table attempt (
  id          uuid primary key,
  delivery_id uuid not null references delivery on delete cascade,
  provider    text not null,
  outcome     text not null check (outcome in ('taken', 'put-off', 'refused', 'unreached')),
  code        text, -- the provider's, without its words: they repeat the address
  made_at     timestamptz not null,
  demo        boolean not null default platform.is_demo()
);
create index attempt_by_delivery on attempt (delivery_id);

create function attempt_stays() returns trigger language plpgsql set search_path from current as $$
begin
  if tg_op = 'DELETE' and not exists (select from delivery where id = old.delivery_id) then
    return old;
  end if;
  raise exception 'attempts are written once' using errcode = 'restrict_violation';
end $$;
create trigger attempt_append_only before update or delete on attempt for each row execute function attempt_stays();

-- How providers are, for all processes: one that cannot be reached is left alone for a while, and then one message tries it. No row: it is well.
create table provider (
  name        text primary key,
  failures    integer not null, -- in a row
  rests_until timestamptz       -- until then nobody asks it
);

-- Other systems that are told when something has happened: which record, and nothing of what is in it.

create table webhook (
  id            uuid primary key,
  url           text not null,
  description   text not null,
  events        text[] not null check (cardinality(events) > 0),
  active        boolean not null,
  disabled_as   text check (disabled_as in ('failing', 'gone')), -- by whom: nobody but the house
  secret        text not null, -- sealed
  former_secret text,          -- also signs, until then
  former_until  timestamptz,
  failing_since timestamptz,   -- of the first attempt that failed since one succeeded
  version       integer not null,
  created_at    timestamptz not null,
  key_name        text generated always as (split_part(secret, '.', 2)) stored,
  former_key_name text generated always as (split_part(former_secret, '.', 2)) stored,
  demo          boolean not null default platform.is_demo(),
  constraint webhook_disabled_is_off check (disabled_as is null or not active),
  constraint webhook_former_ends check ((former_secret is null) = (former_until is null))
);

create table webhook_delivery (
  id           uuid primary key, -- the `webhook-id` of every attempt
  webhook_id   uuid not null references webhook on delete cascade,
  event        text not null,    -- which announcement, or test, it tells of
  type         text not null,
  resource     text not null,
  status       text not null default 'queued' check (status in ('queued', 'delivered', 'dead')),
  reason       text,             -- a code
  tries        integer not null default 0,
  created_at   timestamptz not null,
  due_at       timestamptz not null, -- when it was to go, or was replayed
  delivered_at timestamptz,
  demo         boolean not null default platform.is_demo(),
  constraint webhook_delivery_once unique (webhook_id, event)
);
create index webhook_delivery_by_status on webhook_delivery (webhook_id, status, id);
create index webhook_delivery_by_age on webhook_delivery using brin (created_at); -- for forgetting

-- Each time that one was handed over. Written once; they go with their delivery.
create table webhook_attempt (
  id          uuid primary key,
  delivery_id uuid not null references webhook_delivery on delete cascade,
  code        text not null, -- the status that came back, or why none did
  made_at     timestamptz not null,
  demo        boolean not null default platform.is_demo()
);
create index webhook_attempt_by_delivery on webhook_attempt (delivery_id);

create function webhook_attempt_stays() returns trigger language plpgsql set search_path from current as $$
begin
  if tg_op = 'DELETE' and not exists (select from webhook_delivery where id = old.delivery_id) then
    return old;
  end if;
  raise exception 'attempts are written once' using errcode = 'restrict_violation';
end $$;
create trigger webhook_attempt_append_only before update or delete on webhook_attempt for each row execute function webhook_attempt_stays();

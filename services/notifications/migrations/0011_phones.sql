-- What people said by text, by number: it is the phone that falls silent, whoever of a family holds it. Kept without the number, and for good: that
-- somebody wants no texts outlives the account.
create table phone_salt (
  only_row boolean primary key default true check (only_row),
  value    bytea not null
);
insert into phone_salt (value) values (decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));

create table phone_wish (
  phone     bytea primary key, -- a salted digest
  stopped   boolean not null default false,
  said_at   timestamptz,       -- when, by the provider's clock where it tells: what was said before comes too late
  helped_on date,              -- the last day on which it was told how to stop: two machines must not talk for ever
  constraint phone_wish_said check (not stopped or said_at is not null)
);

create function phone_digest(phone text) returns bytea language sql stable set search_path from current as $$
  select sha256(value || convert_to(phone, 'UTF8')) from phone_salt
$$;

-- What providers told us of messages, whether we had written down yet that they took them.
create table delivery_report (
  provider    text not null,
  reference   text not null,
  status      text not null check (status in ('delivered', 'failed')),
  code        text,
  received_at timestamptz not null,
  demo        boolean not null default platform.is_demo(),
  primary key (provider, reference, status)
);
create index delivery_report_by_age on delivery_report using brin (received_at); -- for forgetting

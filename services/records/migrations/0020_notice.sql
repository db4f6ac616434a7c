-- Of what a subscription is to tell by rest-hook: which version of which resource. What is in it is read when it is sent (docs/decisions/0050).

create table notice (
  id           uuid primary key,
  subscription bigint not null, -- key of the Subscription in the store
  resource     bigint not null, -- key of what was written
  version      integer not null,
  status       text not null default 'queued' check (status in ('queued', 'delivered', 'dead', 'withheld')), -- withheld: they may not see it any more
  reason       text,            -- a code
  matched      boolean not null default true, -- false: whether it meets the criteria could not be found out in time, and is asked when it is sent
  tries        integer not null default 0,
  created_at   timestamptz not null,
  due_at       timestamptz not null, -- when it was to go, or was asked for again
  demo         boolean not null default platform.is_demo(),
  constraint notice_once unique (subscription, resource, version)
);
create index notice_undelivered on notice (subscription, id) where status = 'dead';
create index notice_by_age on notice using brin (created_at); -- for forgetting

grant select, insert, delete on platform.fhir_binding to openhcs_records;
grant select on platform.fhir_secret to openhcs_records;

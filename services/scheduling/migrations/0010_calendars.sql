-- Calendars elsewhere whose busy times close the hours here.

create table busy_calendar (
  id              uuid primary key,
  practitioner_id uuid not null,
  label           text not null,
  kind            text not null check (kind in ('ics', 'caldav')),
  host            text not null, -- all that is shown of the address, which is mostly a secret itself
  access          text not null, -- sealed: address, user and password
  key_name        text not null generated always as (split_part(access, '.', 2)) stored,
  zone            text not null, -- of days, and of times that name none
  state           text not null default 'waiting' check (state in ('waiting', 'read', 'failing')),
  error           text check ((error is not null) = (state = 'failing')), -- a code
  failures        integer not null default 0, -- in a row
  mark            text,        -- by which its server tells whether anything has changed: an ETag, a date, the tag of a collection
  covered_until   timestamptz, -- how far what repeats was expanded
  unread          integer not null default 0, -- entries that could not be made sense of
  tried_at        timestamptz,
  read_at         timestamptz, -- the last time that it worked
  next_at         timestamptz not null,
  created_at      timestamptz not null,
  demo            boolean not null default platform.is_demo()
);
create index busy_calendar_by_practitioner on busy_calendar (practitioner_id, id);
create index busy_calendar_due on busy_calendar (next_at);
create index busy_calendar_by_key on busy_calendar (key_name);

-- When a practitioner is busy elsewhere, and nothing of with what. Not a claim: a busy time may lie on a visit that was booked before, and neither may
-- undo the other. Written under the lock on the practitioner's row of `resource`.
create table busy (
  calendar_id     uuid not null references busy_calendar on delete cascade,
  practitioner_id uuid not null,
  during          tstzrange not null check (not isempty(during) and lower_inc(during) and not upper_inc(during)),
  primary key (calendar_id, during)
);
create index busy_by_practitioner on busy using gist (practitioner_id, during);

-- As in 0001, less what is busy: shifts − claims − busy times. All shifts of a schedule at once, since looking into the index of claims costs more than
-- reading there: 5,000 calendars of 60 days in half the time of shift by shift.
create or replace function refresh_free(shifts bigint[], at timestamptz) returns void language plpgsql as $$
begin
  delete from free_range f using shift s
    where s.id = any (shifts) and f.schedule_id = s.schedule_id and f.end_at > lower(s.during) and f.end_at <= upper(s.during);
  insert into free_range (schedule_id, start_at, end_at)
    select h.schedule_id, lower(r.piece), upper(r.piece)
    from (
      select schedule_id, practitioner_id, resources, range_agg(during) as hours, range_merge(range_agg(during)) as span
      from (
        -- Of shifts that touch, every other one: together they would be one range, and a visit could reach from one into the next.
        select *, sum(touches::int) over (partition by schedule_id order by during) % 2 as part from (
          select s.schedule_id, s.practitioner_id, s.during, resources_of(s.id) || s.practitioner_id as resources,
            coalesce(s.during -|- lag(s.during) over (partition by s.schedule_id order by s.during), false) as touches
          from shift s where s.id = any (shifts)) t) p
      group by schedule_id, practitioner_id, resources, part) h
    cross join lateral (
      select range_agg(x.during) as taken from (
        -- Resource by resource, so that the index of claims alone is read: "= any" would fetch each claim.
        select c.during from unnest(h.resources) u(resource) join claim c on c.resource_id = u.resource and c.during && h.span
        union all
        select b.during from busy b where b.practitioner_id = h.practitioner_id and b.during && h.span) x) t
    cross join lateral unnest(h.hours - coalesce(t.taken, '{}')) r(piece);
  perform refresh_next(array(select distinct s.schedule_id from shift s where s.id = any (shifts)), at);
end $$;

-- As in 0001, with a word for what was in the way: a time that is busy is not free, so that no visit is put there that is not overbooked. Asked under the lock
-- on the practitioner that every booking holds and every import takes. A visit that stands when a busy time comes stays.
create or replace function take_free(schedules uuid[], resources uuid[], wanted tstzrange, overbook boolean, at timestamptz) returns void language plpgsql as $$
declare
  whole uuid[] := carve(case when cardinality(resources) = 1 then schedules else
    array(select distinct s.schedule_id from shift s where s.id = any (shifts_of(resources, wanted))) end, wanted, at);
begin
  if overbook or schedules <@ whole then
    return;
  end if;
  if exists (select from scheduling.busy b join schedule s on s.practitioner_id = b.practitioner_id
      where s.id = any (take_free.schedules) and b.during && wanted) then
    raise exclusion_violation using message = 'the practitioner is busy elsewhere', constraint = 'busy_elsewhere';
  end if;
  raise exclusion_violation using message = 'the time is not free', constraint = 'claim_no_overlap';
end $$;

-- Puts the busy times of a calendar in place of those that it had, and rebuilds what is free where that makes a difference. Whether it did. The caller
-- holds the lock on the practitioner's calendar.
create function keep_busy(calendar uuid, wanted tstzmultirange, at timestamptz) returns boolean language plpgsql as $$
declare
  whose uuid;
  had tstzmultirange;
  changed tstzmultirange;
begin
  select b.practitioner_id into whose from busy_calendar b where b.id = calendar;
  had := coalesce((select range_agg(b.during) from busy b where b.calendar_id = calendar), '{}');
  changed := ((had - wanted) + (wanted - had)) * tstzmultirange(tstzrange(at, null));
  if isempty(changed) then
    return false;
  end if;
  delete from busy b where b.calendar_id = calendar;
  insert into busy (calendar_id, practitioner_id, during) select calendar, whose, r from unnest(wanted) r;
  perform refresh_free(array(select s.id from shift s
    where s.practitioner_id = whose and s.during && range_merge(changed) and s.during && changed and upper(s.during) > at), at);
  return true;
end $$;

-- Feeds, by which somebody's own calendar shows visits. What opens one is a row of platform.session with the same id, like everything that opens a door.
create table calendar_feed (
  id         uuid primary key,
  account_id uuid not null,
  kind       text not null check (kind in ('ics', 'caldav')),
  shows      text not null check (shows in ('practice', 'visits')),
  label      text not null,
  names      boolean not null, -- of patients
  number     bigint not null default 0, -- of the newest change that it was told; rises under the lock on this row, so that changes are in order
  oldest     bigint not null default 0, -- what was before is forgotten, and a program that knows no more reads all
  read_on    date, -- the last day for which the audit says that it was read
  created_at timestamptz not null,
  demo       boolean not null default platform.is_demo()
);
create index calendar_feed_by_account on calendar_feed (account_id, id);

-- What a feed was told of each visit, and when that was another thing: compared with what may be seen now, each time that it is read. So nothing is missed:
-- not what commits late, and not what ends by a mandate, a licence or the calendar.
create table calendar_told (
  feed_id        uuid not null references calendar_feed on delete cascade,
  appointment_id uuid not null,
  etag           text not null,
  number         bigint not null,
  gone           boolean not null,
  told_at        timestamptz not null,
  primary key (feed_id, appointment_id)
);
create index calendar_told_gone on calendar_told (told_at) where gone;

-- Only identity may write sessions. These open and end a row of this one kind, which by itself opens no operation: its scopes are none.
create function open_feed(feed uuid, account uuid, label text, hash bytea, at timestamptz, idle interval) returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
  insert into platform.session (id, account_id, device, token_hash, kind, scopes, created_at, last_used_at, idle_seconds, expires_at)
  values (feed, account, label, hash, 'calendar-feed', '{}', at, at, extract(epoch from idle), at + interval '10 years')
$$;
create function end_feed(feed uuid, account uuid, at timestamptz) returns boolean
language sql security definer set search_path = pg_catalog, pg_temp as $$
  with ended as (
    update platform.session set revoked_at = at where id = feed and account_id = account and kind = 'calendar-feed' and revoked_at is null returning 1)
  select count(*) = 1 from ended
$$;
revoke all on function open_feed(uuid, uuid, text, bytea, timestamptz, interval), end_feed(uuid, uuid, timestamptz) from public;
grant execute on function open_feed(uuid, uuid, text, bytea, timestamptz, interval), end_feed(uuid, uuid, timestamptz) to openhcs_scheduling;

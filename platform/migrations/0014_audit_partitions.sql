-- Partitions of the audit: which there are, making those to come, and what was handed out. See docs/decisions/0023-audit-partitions.md.

-- Without the net.
create view audit_partition as
  select c.relname::text as name, bounds[1]::bigint as from_id, bounds[2]::bigint as to_id
  from pg_inherits i join pg_class c on c.oid = i.inhrelid,
    regexp_match(pg_get_expr(c.relpartbound, c.oid), '^FOR VALUES FROM \(''(\d+)''\) TO \(''(\d+)''\)$') bounds
  where i.inhparent = 'platform.audit_event'::regclass and bounds is not null;

-- Made apart and attached: the lock on the whole that CREATE TABLE … PARTITION OF takes would stop every write, and this one stops none.
create function add_audit_partition(from_id bigint, to_id bigint) returns text language plpgsql set search_path = platform, pg_temp as $$
declare
  name text := format('audit_event_%s', from_id);
begin
  execute format('create table platform.%I (like platform.audit_event including constraints)', name);
  execute format('alter table platform.audit_event attach partition platform.%I for values from (%L) to (%L)', name, from_id, to_id);
  return name;
end $$;
revoke all on function add_audit_partition(bigint, bigint) from public;

-- Partitions for the next two months at the pace of the last one, in whole millions of rows; answers those that were missing. A small house has one for
-- years, a country one a month. Attaching locks the net, which only reads touch; while a backup reads, that is not to be had: nobody shall queue behind this
-- for longer than a blink, and the next hour is early enough. The one who asks is given the right to do this and nothing else.
create function make_audit_partitions(at timestamptz) returns setof text language plpgsql security definer
set search_path = platform, pg_temp set lock_timeout = '200ms' as $$
declare
  reached bigint := coalesce(pg_sequence_last_value('platform.audit_event_id_seq'), 0);
  a_month_ago bigint := coalesce((
    select newest_id from platform.audit_seal where sealed_at <= at - interval '30 days' order by id desc limit 1), 0);
  size bigint := greatest(1, ceil((reached - a_month_ago) / 1e6)) * 1000000;
  top bigint := (select max(to_id) from platform.audit_partition);
begin
  if top > reached + 2 * size or not pg_try_advisory_xact_lock(7305120) then
    return;
  end if;
  lock table only platform.audit_event in share update exclusive mode;
  lock table platform.audit_event_net in access exclusive mode;
  -- Rows that fell into the net stay there (openhcs audit partition moves them): the next begins above them.
  top := greatest(top, (select max(id) + 1 from platform.audit_event_net));
  while top <= reached + 2 * size loop
    return next platform.add_audit_partition(top, top + size);
    top := top + size;
  end loop;
exception when lock_not_available then
  return;
end $$;
revoke all on function make_audit_partitions(timestamptz) from public;

-- For metrics: rooms may not look into partitions, and this tells two numbers. Of the net ten thousand rows are counted: that many are reason enough to look.
create function audit_room(out in_net bigint, out ids_ahead bigint) language sql stable security definer set search_path = platform, pg_temp as $$
  select (select count(*) from (select from platform.audit_event_net limit 10000) x),
    (select max(to_id) - 1 from platform.audit_partition) - coalesce(pg_sequence_last_value('platform.audit_event_id_seq'), 0)
$$;
revoke all on function audit_room() from public;

-- Partitions that were handed out as a file (openhcs audit detach). The proof is made under the key that the database does not hold, so that nobody
-- can pass off rows that were removed as rows that were handed out.
create table audit_detached (
  from_id     bigint primary key,
  to_id       bigint not null check (to_id > from_id),
  rows        bigint not null,
  first_at    timestamptz not null,
  last_at     timestamptz not null,
  detached_at timestamptz not null,
  proof       text not null
);

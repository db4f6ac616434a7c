-- Who is to be told when a resource is written (docs/decisions/0050): a row for each Subscription that is active. It is written with the Subscription itself, by fhir_write().

create table fhir_subscription (
  key        bigint primary key, -- of the Subscription
  account_id uuid not null,
  session_id uuid not null, -- what it was asked for with: a session, an API key, or what an app was granted; without that it tells nothing
  scopes     text[],        -- as narrow as they were then
  patient_id uuid,
  type       text not null, -- of what is watched
  criteria   text not null,
  bound      text[], -- of fhir_resource.refs, where the criteria are of certain patients: what has none of these is not looked at. Null: they may be of anybody
  until      timestamptz
);
create index fhir_subscription_by_type on fhir_subscription (type, key) where bound is null;
create index fhir_subscription_by_bound on fhir_subscription using gin (bound) with (fastupdate = off);
create index fhir_subscription_by_account on fhir_subscription (account_id);
grant select on fhir_subscription to openhcs_room;

-- Headers with which whoever asked for a Subscription lets the house in at theirs: in no body, so in no version and no search, and shown to the session alone that gave them.
create table fhir_secret (
  key        bigint primary key, -- of the Subscription
  session_id uuid not null,
  header     json not null
);

-- Who may bind a websocket to one without a header: a token that is good once, for a moment.
create table fhir_binding (
  token_hash bytea primary key,
  key        bigint not null,
  expires_at timestamptz not null
);

-- Of the Subscriptions among what was written, those that are active from now on. What was not delivered before goes out again: the room's job sees to that.
create function fhir_subscribe(written fhir_written[], changes fhir_changing[]) returns void language plpgsql as $$
declare
  wanted record;
begin
  delete from platform.fhir_secret s using unnest(written) w, unnest(changes) c
    where w.place = c.place and c.type = 'Subscription' and s.key = w.key;
  insert into platform.fhir_secret (key, session_id, header)
    select w.key, coalesce(s.parent_id, s.id), c.secret->'header' from unnest(written) w
    join unnest(changes) c on c.place = w.place and c.type = 'Subscription'
    join platform.session s on s.id = (c.secret->>'session')::uuid;
  delete from platform.fhir_subscription s using unnest(written) w, unnest(changes) c
    where w.place = c.place and c.type = 'Subscription' and s.key = w.key;
  for wanted in
    select w.key, c.watch, (c.watch->>'account')::uuid as account from unnest(written) w
    join unnest(changes) c on c.place = w.place and c.type = 'Subscription' and c.watch is not null
  loop
    perform pg_advisory_xact_lock(hashtextextended('subscriptions ' || wanted.account, 0)); -- of two who add one at once the second counts the first
    insert into platform.fhir_subscription (key, account_id, session_id, scopes, patient_id, type, criteria, bound, until)
      select wanted.key, wanted.account, coalesce(s.parent_id, s.id), s.scopes, s.patient_id, wanted.watch->>'type', wanted.watch->>'criteria',
        case when wanted.watch->'bound' is not null then array(select json_array_elements_text(wanted.watch->'bound')) end, (wanted.watch->>'until')::timestamptz
      from platform.session s where s.id = (wanted.watch->>'session')::uuid;
    if (select count(*) from platform.fhir_subscription s where s.account_id = wanted.account) > 20 then
      raise exception using errcode = 'OH422', message = 'too many subscriptions';
    end if;
    perform platform.add_jobs(json_build_array(json_build_object('identifier', t.room || ':begin-subscription', 'payload', json_build_object('subscription', wanted.key))))
      from platform.fhir_type t where t.type = 'Subscription';
  end loop;
end $$;
revoke execute on function fhir_subscribe(fhir_written[], fhir_changing[]) from public;

-- Asks for whoever watches these types, or their patients, to be told: with what was written, or not at all. Which criteria they meet is found out afterwards. Of however
-- many watch other patients, none is looked at.
create function fhir_announce(written fhir_written[]) returns void language plpgsql set enable_seqscan = off as $$
declare
  jobs json;
begin
  select json_agg(json_build_object('identifier', t.room || ':match-subscriptions', 'payload', json_build_object('type', p.type, 'written', p.written))) into jobs
    from (
      select n.type, json_agg(json_build_array(n.key, n.version) order by n.change) as written from (
        select r.type, r.key, r.version, r.change, (row_number() over (partition by r.type order by r.change) - 1) / 200 as page
        from platform.fhir_resource r
        where r.key in (select (unnest(written)).key) and r.body is not null
          and (exists (select from platform.fhir_subscription s where s.type = r.type and s.bound is null)
            or exists (select from platform.fhir_subscription s where s.bound && r.refs))) n
      group by n.type, n.page) p
    join platform.fhir_type t on t.type = 'Subscription';
  if jobs is not null then
    perform platform.add_jobs(jobs);
  end if;
end $$;
revoke execute on function fhir_announce(fhir_written[]) from public;

-- Takes away what an account alone may see, with all that it was.
create function fhir_forget_own(account uuid) returns bigint language plpgsql security definer set search_path = platform, pg_temp as $$
declare
  keys bigint[] := array(select key from fhir_resource where type = 'Subscription' and about = array['Account/' || account]);
begin
  delete from fhir_subscription where key = any (keys);
  delete from fhir_secret where key = any (keys);
  delete from fhir_binding where key = any (keys);
  return (select coalesce(sum(fhir_forget(own.type, own.ids)), 0) from (
    select type, array_agg(id) as ids from fhir_resource where type in ('Binary', 'Subscription') and about = array['Account/' || account] group by type) own);
end $$;
revoke execute on function fhir_forget_own(uuid) from public;
grant execute on function fhir_forget_own(uuid) to openhcs_room;

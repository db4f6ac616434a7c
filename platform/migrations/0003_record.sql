-- What a transaction leaves in the ground's tables, in one statement before COMMIT: audit rows, jobs, and the answer to be given again. Each may be
-- absent. Sent as three statements, they took a tenth of a booking's time.
create function record(audit json, jobs json, scope text, key text, hash text, answer json, at timestamptz) returns void language plpgsql as $$
begin
  if audit is not null then
    insert into platform.audit_event (at, account_id, actor, room, operation, trace_id, action, entity, subject, relationship, reason)
      select e.at, e.account_id, e.actor, e.room, e.operation, e.trace_id, e.action, e.entity, e.subject, e.relationship, e.reason
      from json_populate_recordset(null::platform.audit_event, audit) e;
  end if;
  if jobs is not null then
    perform platform.add_jobs(jobs);
  end if;
  if key is not null then
    insert into platform.once (scope, key, hash, answer, created_at) values (scope, key, hash, answer, at);
  end if;
end $$;
grant execute on function record(json, json, text, text, text, json, timestamptz) to openhcs_room;

-- What is known of an Idempotency-Key or a delivery. The lock tells requests in flight apart from finished ones without waiting, and ends with the
-- transaction. Looked up in a statement of its own, whose snapshot is newer than the lock: whoever held it before has committed by then.
create function seek(sought_scope text, sought_key text) returns table (free boolean, done boolean, hash text, answer json) language plpgsql as $$
begin
  free := pg_try_advisory_xact_lock(hashtextextended(sought_scope || ' ' || sought_key, 0));
  select true, o.hash, o.answer into done, hash, answer from platform.once o where o.scope = sought_scope and o.key = sought_key;
  done := coalesce(done, false);
  return next;
end $$;

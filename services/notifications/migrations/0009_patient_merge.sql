-- Two records of a patient became one, or were parted again: messages about the one follow, so that who may read them still does. Registry says
-- which merges stand; here is what was moved for each.

create table patient_merge (
  id          uuid primary key,
  survivor_id uuid not null,
  replaced_id uuid not null,
  stands      boolean not null -- one that was undone before it was heard of is not followed any more
);
create index patient_merge_by_replaced on patient_merge (replaced_id) where stands;

create table notification_moved (
  merge_id        uuid not null references patient_merge,
  notification_id uuid not null references notification on delete cascade,
  primary key (merge_id, notification_id)
);
create index notification_moved_by_notification on notification_moved (notification_id);

create function follow_merge(merge uuid, survivor uuid, replaced uuid, standing boolean) returns void language plpgsql as $$
declare
  fresh boolean;
begin
  perform pg_advisory_xact_lock(hashtextextended('patient ' || replaced::text, 0));
  if standing then
    insert into patient_merge (id, survivor_id, replaced_id, stands) values (merge, survivor, replaced, true) on conflict do nothing
      returning true into fresh;
    if fresh then
      perform move_messages(merge, survivor, replaced);
    end if;
    return;
  end if;
  insert into patient_merge (id, survivor_id, replaced_id, stands) values (merge, survivor, replaced, false)
    on conflict (id) do update set stands = false;
  update notification n set subject_id = replaced from notification_moved v
    where v.merge_id = merge and v.notification_id = n.id and n.subject_id = survivor;
  -- Merged anew since, and heard of that before this.
  perform move_messages(m.id, m.survivor_id, m.replaced_id) from patient_merge m where m.replaced_id = replaced and m.stands;
end $$;

-- Found by who may see either record: there is no other way to the messages about somebody, and none is needed.
create function move_messages(merge uuid, survivor uuid, replaced uuid) returns void language sql as $$
  with gone as (
    update notification n set subject_id = survivor
    where n.subject_id = replaced
      and n.account_id in (select g.account_id from platform.access_grant g where g.subject_id in (survivor, replaced))
    returning n.id)
  insert into notification_moved (merge_id, notification_id) select merge, id from gone on conflict do nothing
$$;

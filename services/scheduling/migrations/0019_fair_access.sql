-- A share of each session, which is a shift, may be kept for bookings by one channel, and is released as its start comes near.
alter table schedule add column reserved jsonb; -- [{channel, release: [{hours, percent}, …]}], the hours falling; null: nothing is kept
alter table appointment add column channel text not null default 'web' check (channel in ('desk', 'phone', 'web')); -- by whom it was placed last

-- How much is kept so many hours before the start: even before the first point, a straight line from each to the next, even after the last.
create function percent_kept(release jsonb, hours numeric) returns numeric language sql immutable parallel safe as $$
  select coalesce(a.percent + (b.percent - a.percent) * (a.hours - percent_kept.hours) / (a.hours - b.hours), a.percent, b.percent)
  from (values (1)) one
  left join lateral (
    select p.hours, p.percent from jsonb_to_recordset(release) p(hours numeric, percent numeric)
    where p.hours >= percent_kept.hours order by p.hours limit 1) a on true
  left join lateral (
    select p.hours, p.percent from jsonb_to_recordset(release) p(hours numeric, percent numeric)
    where p.hours < percent_kept.hours order by p.hours desc limit 1) b on true
$$;

-- The shares of the session around a time, with what has been taken of each and what is free of the whole, in minutes. None where nothing is kept.
create function shares_at(of_schedule uuid, start timestamptz, at timestamptz)
returns table (channel text, release jsonb, begins timestamptz, length numeric, taken numeric, free numeric) language plpgsql stable as $$
begin
  return query
    select r.channel, r.release, lower(h.during), extract(epoch from upper(h.during) - lower(h.during)) / 60, (
        select coalesce(sum(extract(epoch from upper(u) - lower(u))) / 60, 0) from (
          select unnest(range_agg(tstzrange(a.start_at - make_interval(mins => coalesce(v.before_minutes, 0)), a.end_at + make_interval(mins => coalesce(v.after_minutes, 0))))) as u
          from appointment a left join service v on v.id = a.service_id
          where a.practitioner_id = s.practitioner_id and a.start_at >= lower(h.during) and a.start_at < upper(h.during) and a.channel = r.channel
            and a.overbooked is null and a.status not in ('cancelled', 'entered-in-error') and (a.status <> 'pending' or a.held_until > at)) x), (
        select coalesce(sum(extract(epoch from f.end_at - greatest(f.start_at, at))) / 60, 0) from free_range f
        where f.schedule_id = s.id and f.end_at > greatest(lower(h.during), at) and f.end_at <= upper(h.during))
    from schedule s join shift h on h.schedule_id = s.id and h.practitioner_id = s.practitioner_id and h.during @> start
    cross join lateral jsonb_to_recordset(s.reserved) r(channel text, release jsonb)
    where s.id = of_schedule and s.reserved is not null;
end $$;

-- What a channel may still take of the session: what is free, less what is kept for the others and not taken by them yet.
create function minutes_open(of_schedule uuid, start timestamptz, for_channel text, at timestamptz) returns numeric language plpgsql stable as $$
begin
  return (
    select min(s.free) - coalesce(sum(greatest(0, percent_kept(s.release, extract(epoch from s.begins - at) / 3600) * s.length / 100 - s.taken))
      filter (where s.channel <> for_channel), 0)
    from shares_at(of_schedule, start, at) s);
end $$;

-- Refuses what was just taken of another channel's share: after place_claims, in its statement, and so under the locks that every booking holds. A seat in a
-- group that sits already takes nothing of the session.
create function keep_shares(of_schedule uuid, start timestamptz, of_service uuid, of_seats int, for_channel text, at timestamptz) returns void language plpgsql as $$
begin
  if not exists (select from schedule s where s.id = of_schedule and s.reserved is not null) then
    return;
  end if;
  if minutes_open(of_schedule, start, for_channel, at) < 0 and not (of_seats > 1 and exists (
      select from group_visit g where g.schedule_id = of_schedule and g.service_id = of_service and g.start_at = start and g.taken > 1)) then
    raise exclusion_violation using message = 'what is left is kept for others', constraint = 'share_kept', detail = for_channel;
  end if;
end $$;

-- As in 0001, but for offers of which a share is kept: what is free of those depends on who asks, and changes by itself. They are always overdue, so a search
-- looks them up in the free ranges, and the minute job leaves them alone.
create or replace function next_slots(schedules uuid[], at timestamptz) returns table (schedule_id uuid, service text, slot timestamptz) language sql stable as $$
  select p.schedule_id, p.service, case when p.kept then '-infinity' when s.slot < p.licensed_until then s.slot else 'infinity' end
  from (
    select o.*, c.reserved is not null as kept, greatest(next_from(at) + make_interval(mins => o.notice_minutes), o.licensed_from) as soonest
    from offer o join schedule c on c.id = o.schedule_id
    where o.schedule_id = any (schedules) and o.first) p
  left join lateral (
    select v.slot from free_range r
    cross join lateral (select visit_at(r.start_at, r.end_at, p.soonest, p.before_minutes, p.whole_minutes, p.full_at) as slot) v
    where r.schedule_id = p.schedule_id and r.end_at > p.soonest and v.slot is not null
    order by r.end_at limit 1) f on true
  cross join lateral (select least(f.slot, case when p.seats > 1 then (
    select min(start_at) from group_visit i where i.schedule_id = p.schedule_id and i.service_id = p.service_id and i.taken < i.seats and i.start_at >= p.soonest) end) as slot) s
$$;

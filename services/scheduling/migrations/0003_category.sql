-- What a visit is about can be told from its speciality alone; these are the ones that people keep to themselves.
create function category_of(specialities text[]) returns text language sql immutable parallel safe as $$
  select case
    when specialities && array['psychiatry', 'psychology'] then 'mental-health'
    when 'hiv-medicine' = any (specialities) then 'hiv'
    when 'sexual-health' = any (specialities) then 'sexual-health'
    when 'addiction-medicine' = any (specialities) then 'substance-use'
    else 'general' end
$$;

alter table appointment add column category text not null default 'general';

-- Of a visit in these hours, for this service where one is named.
create function visit_category(schedule uuid, service uuid) returns text language sql stable as $$
  select coalesce((select scheduling.category_of(coalesce(
    (select array[v.speciality] from scheduling.service v where v.id = visit_category.service), s.specialities)) from scheduling.schedule s where s.id = visit_category.schedule), 'general')
$$;

create function categorise() returns trigger language plpgsql as $$
begin
  new.category := scheduling.visit_category(new.schedule_id, new.service_id);
  return new;
end $$;
create trigger categorise before insert or update of schedule_id on appointment for each row execute function categorise();

update appointment a set category = category_of(s.specialities)
from schedule s where s.id = a.schedule_id and category_of(s.specialities) <> 'general';

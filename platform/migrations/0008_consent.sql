-- What people refuse, by purpose and category: written by registry, read by every room. No row means that nothing is refused.
create table refusal (
  subject_id uuid not null,
  purpose    text not null check (purpose in ('treatment', 'messages', 'research', 'public-health')),
  category   text not null check (category in ('general', 'mental-health', 'sexual-health', 'hiv', 'substance-use')),
  since      timestamptz not null,
  primary key (subject_id, purpose, category)
);
grant select on refusal to openhcs_room;

-- As before, and: breaking the glass opens a record to who may practise, as treating does; whoever is treated may refuse to have their record read for it.
create or replace function may(account uuid, subject uuid, power text, at timestamptz) returns text language plpgsql stable parallel safe as $$
begin
  return (
    select g.relationship from platform.access_grant g
    where g.account_id = account and g.subject_id = subject and power = any (g.powers)
      and g.revoked_at is null and g.valid_from <= at and (g.valid_until is null or g.valid_until > at)
      and (g.relationship not in ('treatment', 'break-glass') or exists (
        select from platform.access_grant l where l.account_id = account and l.relationship = 'licence'
          and l.revoked_at is null and l.valid_from <= at and (l.valid_until is null or l.valid_until > at)))
      and (g.relationship <> 'treatment' or not exists (
        select from platform.refusal r where r.subject_id = subject and r.purpose = 'treatment' and r.category = 'general'))
    order by g.relationship = 'self' desc limit 1);
end $$;

-- As `may`, for something of a category. What is sensitive a caregiver sees with the power `see-sensitive` alone, and a practitioner unless it is refused; a
-- desk keeps the book of every visit.
create function may_see(account uuid, subject uuid, power text, what text, at timestamptz) returns text language plpgsql stable parallel safe as $$
declare
  relationship text := platform.may(account, subject, power, at);
begin
  if relationship is null or what = 'general' or relationship in ('self', 'break-glass', 'desk') then
    return relationship;
  elsif relationship = 'treatment' then
    return case when not exists (
      select from platform.refusal r where r.subject_id = subject and r.purpose = 'treatment' and r.category = what) then relationship end;
  end if;
  return case when platform.may(account, subject, 'see-sensitive', at) is not null then relationship end;
end $$;

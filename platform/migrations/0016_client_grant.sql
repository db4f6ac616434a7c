-- What an app may have of people's records for itself, without a person who signs in: written by identity, read by every room. No row: nothing.
create table client_grant (
  client_id     uuid primary key,
  name          text not null, -- for people, to whom it is told who has had their record: so the row stays when the app is revoked
  purpose       text not null check (purpose in ('treatment', 'research', 'public-health')), -- what people may have refused
  patients      text not null check (patients in ('all', 'organisations', 'none')),
  organisations uuid[] not null default '{}', -- whose patients, where not all are meant
  categories    text[] not null default '{}', -- of what is sensitive; the rest goes without saying
  imports       boolean not null default false
);
grant select on client_grant to openhcs_room;

-- Whether an app may have something about these patients, of these categories: they must be patients here, it must be permitted all of them, and none of them may have refused its purpose.
create function client_may_see(client uuid, about text[], what text[], at timestamptz) returns boolean language plpgsql stable parallel safe as $$
declare
  held record;
  patient text;
  subject uuid;
  category text;
begin
  select purpose, patients, organisations, categories into held from platform.client_grant where client_id = client;
  if not found or held.patients = 'none' then
    return false;
  end if;
  foreach category in array what loop
    if category <> 'general' and category <> all (held.categories) then
      return false;
    end if;
  end loop;
  if about[cardinality(about)] like 'Part/%' then -- the visit that it is a part of names all
    return false;
  end if;
  foreach patient in array platform.about_whom(about) loop
    if patient !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
      return false;
    end if;
    -- Of whoever has been erased there are records under a number, which are kept and given to nobody; what is in no directory is about its own id.
    if not exists (select from platform.fhir_resource p where p.type = 'Patient' and p.id = patient and p.body is not null) then
      return false;
    end if;
    subject := patient::uuid;
    if exists (select from platform.refusal r where r.subject_id = subject and r.purpose = held.purpose and (r.category = 'general' or r.category = any (what))) then
      return false;
    end if;
    if held.patients = 'organisations' and not exists (
        select from platform.desk_grant d where d.subject_id = subject and d.organisation_id = any (held.organisations)
          and d.subject_type = 'Patient' and d.revoked_at is null and d.valid_from <= at and (d.valid_until is null or d.valid_until > at)) then
      return false;
    end if;
  end loop;
  return true;
end $$;
grant execute on function client_may_see(uuid, text[], text[], timestamptz) to openhcs_room;

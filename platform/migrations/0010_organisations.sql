-- Who works at the desk of which organisation, and whom an organisation looks after: written by registry, read by every room.

create table membership (
  id              uuid primary key,
  account_id      uuid not null,
  organisation_id uuid not null,
  function        text not null check (function in ('desk', 'manager')),
  given_by        uuid not null,
  given_at        timestamptz not null,
  ended_by        uuid,
  ended_at        timestamptz
);
create unique index membership_once on membership (account_id, organisation_id) where ended_at is null;
create index membership_by_organisation on membership (organisation_id, id);

-- An organisation as the one who may: a row for each registration at its desk, and for each visit at one of its places. Rows for each clerk and
-- patient would be twenty times as many, and would have to be written whenever somebody begins or leaves.
create table desk_grant (
  id              uuid primary key,
  organisation_id uuid not null,
  subject_type    text not null check (subject_type in ('Patient', 'Practitioner')),
  subject_id      uuid not null,
  source_id       uuid not null, -- the appointment, or the subject itself where it was registered there
  valid_from      timestamptz not null,
  valid_until     timestamptz check (valid_until > valid_from),
  revoked_at      timestamptz
);
create index desk_grant_by_subject on desk_grant (subject_id, organisation_id);
create index desk_grant_by_organisation on desk_grant (organisation_id, subject_type, subject_id);
create index desk_grant_by_source on desk_grant (source_id);

create function works_at(account uuid, organisation uuid, functions text[]) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (
    select from platform.membership m
    where m.account_id = account and m.organisation_id = organisation and m.function = any (functions) and m.ended_at is null);
end $$;

-- The desk comes behind every other relationship, whatever those are by now: so the function that knows them keeps its body under another name.
do $$ begin
  alter function platform.may(uuid, uuid, text, timestamptz) rename to may_themselves;
end $$;
create function may(account uuid, subject uuid, power text, at timestamptz) returns text language plpgsql stable parallel safe as $$
declare
  relationship text := platform.may_themselves(account, subject, power, at);
begin
  if relationship is not null or power not in ('book', 'see-profile', 'keep-profile') then
    return relationship;
  end if;
  return (
    select 'desk' from platform.membership m join platform.desk_grant d on d.organisation_id = m.organisation_id
    where m.account_id = account and m.ended_at is null and d.subject_id = subject
      and (power <> 'keep-profile' or d.source_id = d.subject_id) -- only where they were registered
      and d.revoked_at is null and d.valid_from <= at and (d.valid_until is null or d.valid_until > at)
    limit 1);
end $$;

grant select on membership, desk_grant to openhcs_room;

-- Whose hours a desk places: those of a practitioner whom its organisation registered, while they have no account. Read with every request, from the
-- ground's tables: whoever works there no longer, or whom the practitioner has taken over from, is refused with the next.
create function keeps_hours(account uuid, practitioner uuid, at timestamptz) returns boolean language plpgsql stable parallel safe as $$
begin
  return coalesce(platform.may(account, practitioner, 'keep-profile', at) = 'desk', false) and not exists (
    select from platform.access_grant g where g.subject_id = practitioner and g.relationship = 'self' and g.revoked_at is null);
end $$;

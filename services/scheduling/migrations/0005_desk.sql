-- Whose hours a desk places: those of a practitioner whom its organisation registered, while they have no account. Read with every request, from the
-- ground's tables: whoever works there no longer, or whom the practitioner has taken over from, is refused with the next.
create function keeps_hours(account uuid, practitioner uuid, at timestamptz) returns boolean language plpgsql stable as $$
begin
  return coalesce(platform.may(account, practitioner, 'keep-profile', at) = 'desk', false) and not exists (
    select from platform.access_grant g where g.subject_id = practitioner and g.relationship = 'self' and g.revoked_at is null);
end $$;

-- A mandate is given, and then accepted; only then it opens anything. A guardian's is verified as well, and ends when the child comes of age.
alter table mandate
  add column basis text not null default 'patient' constraint mandate_basis check (basis in ('patient', 'guardian', 'delegated', 'desk')),
  add column accepted_at timestamptz,
  add column verified_at timestamptz,
  add column verified_by uuid,
  add column told_of_end_at timestamptz,
  add column registered_id uuid, -- the child whom the guardian registered with it; of any other they see nothing before they are verified
  drop constraint mandate_not_for_ever,
  -- Five years; a childhood where it is a guardian's. MAJORITY_AGE is at most 25, and a day may have begun elsewhere.
  add constraint mandate_not_for_ever check (
    valid_until > valid_from and valid_until <= valid_from + case basis when 'guardian' then interval '26 years' else interval '5 years' end);

-- What was given before was in force at once.
update mandate set accepted_at = created_at;

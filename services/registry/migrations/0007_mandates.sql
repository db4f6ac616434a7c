-- A mandate is given, and then accepted; only then it opens anything. A guardian's is verified as well, and ends when the child comes of age.
alter table mandate
  add column accepted_at timestamptz,
  add column verified_at timestamptz,
  add column verified_by uuid,
  add column told_of_end_at timestamptz,
  add column registered_id uuid; -- the child whom the guardian registered with it; of any other they see nothing before they are verified

-- What was given before was in force at once.
update mandate set accepted_at = created_at;

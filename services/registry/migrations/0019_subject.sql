-- Rights are given over an id, whatever it is of (platform.access_grant, platform.desk_grant): so an id is one person's in one role, or one mandate's, and never another's
-- as well. Clients may choose ids of their own, so this has to be said. See docs/decisions/0051-keepers.md.
create table subject (
  id uuid constraint subject_is_one primary key
);

create function note_subjects() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into registry.subject (id) select id from changed;
  else
    delete from registry.subject s using changed c where s.id = c.id;
  end if;
  return null;
end $$;
create trigger patient_is_subject after insert on patient referencing new table as changed for each statement execute function note_subjects();
create trigger patient_was_subject after delete on patient referencing old table as changed for each statement execute function note_subjects();
create trigger practitioner_is_subject after insert on practitioner referencing new table as changed for each statement execute function note_subjects();
create trigger practitioner_was_subject after delete on practitioner referencing old table as changed for each statement execute function note_subjects();
create trigger caregiver_is_subject after insert on caregiver referencing new table as changed for each statement execute function note_subjects();
create trigger caregiver_was_subject after delete on caregiver referencing old table as changed for each statement execute function note_subjects();
create trigger donor_is_subject after insert on donor referencing new table as changed for each statement execute function note_subjects();
create trigger donor_was_subject after delete on donor referencing old table as changed for each statement execute function note_subjects();
create trigger mandate_is_subject after insert on mandate referencing new table as changed for each statement execute function note_subjects();
create trigger mandate_was_subject after delete on mandate referencing old table as changed for each statement execute function note_subjects();

-- Who is there already.
insert into subject (id)
  select id from patient union all select id from practitioner union all select id from caregiver union all select id from donor union all select id from mandate;

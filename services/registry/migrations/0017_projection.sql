-- What the FHIR store shows of this room follows from its rows, in the transaction that changes them. See docs/decisions/0046-projected-resources.md.

-- The triggers' arguments are told with their functions (platform/migrations/0021_projection.sql).
create trigger patient_projected after insert or update or delete on patient for each row execute function note_own_projection('Patient');
create trigger patient_merge_survivor_projected after insert or update or delete on patient_merge for each row execute function note_projection('survivor_id', 'Patient');
create trigger patient_merge_replaced_projected after insert or update or delete on patient_merge for each row execute function note_projection('replaced_id', 'Patient');
create trigger mandate_projected after insert or delete on mandate for each row execute function note_own_projection('RelatedPerson');
create trigger mandate_change_projected after update on mandate for each row
  when ((old.patient_id, old.basis, old.valid_from, old.valid_until, old.accepted_at, old.verified_at, old.revoked_at)
    is distinct from (new.patient_id, new.basis, new.valid_from, new.valid_until, new.accepted_at, new.verified_at, new.revoked_at))
  execute function note_own_projection('RelatedPerson');
create trigger practitioner_projected after insert or update or delete on practitioner for each row execute function note_own_projection('Practitioner', 'PractitionerRole');
create trigger licence_projected after insert or update or delete on licence for each row execute function note_projection('practitioner_id', 'Practitioner', 'PractitionerRole');
create trigger organisation_projected after insert or update or delete on organisation for each row execute function note_own_projection('Organization');
create trigger place_projected after insert or update or delete on place for each row execute function note_own_projection('Location');

-- A mandate shows its caregiver's name, and goes with its patient.
create function note_mandates() returns trigger language plpgsql as $$
begin
  insert into platform.projection_due (type, id) select 'RelatedPerson', m.id::text from registry.mandate m
    where case tg_table_name when 'caregiver' then m.caregiver_id else m.patient_id end = new.id;
  return null;
end $$;
create trigger caregiver_projected after update on caregiver for each row
  when (old.name <> new.name or old.language <> new.language or old.erased_at is distinct from new.erased_at) execute function note_mandates();
create trigger patient_erased_projected after update on patient for each row
  when (old.erased_at is distinct from new.erased_at) execute function note_mandates();

-- What is there already.
insert into platform.projection_due (type, id)
  select type, id::text from (
    select 'Patient', id from patient
    union all select 'RelatedPerson', id from mandate
    union all select t, id from practitioner, unnest('{Practitioner,PractitionerRole}'::text[]) t
    union all select 'Organization', id from organisation
    union all select 'Location', id from place) x(type, id);

-- What 0004 asked of new rows only, for all.
alter table place validate constraint place_organisation;
alter table practitioner validate constraint practitioner_organisation;
alter table patient validate constraint patient_organisation;

-- Why an administrator took a patient out of use; words about a person, erased with it.
alter table patient add column deactivate_reason text;

-- Whoever is out of use may do nothing by the role, and nothing new is taken on for them. See docs/decisions/0027-out-of-use.md.
grant update (rests_at) on platform.role_grant to openhcs_registry;
grant insert, delete on platform.out_of_use to openhcs_registry;

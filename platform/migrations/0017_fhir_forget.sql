-- Takes resources away with all their versions, as if they had never been there: where a person is erased. Only the room that keeps a type does it.
create function fhir_forget(given_type text, ids text[]) returns integer language plpgsql security definer set search_path = platform, pg_temp as $$
declare
  keys bigint[];
begin
  if not exists (select from fhir_type t where t.type = given_type and current_setting('role') in ('none', 'openhcs_' || t.room)) then
    raise insufficient_privilege using message = 'another room keeps this type';
  end if;
  with gone as (delete from fhir_resource r where r.type = given_type and r.id = any (ids) returning r.key)
    select coalesce(array_agg(key), '{}') into keys from gone;
  delete from fhir_past where key = any (keys);
  delete from fhir_string where key = any (keys);
  delete from fhir_date where key = any (keys);
  delete from fhir_quantity where key = any (keys);
  delete from fhir_position where key = any (keys);
  return cardinality(keys);
end $$;
revoke execute on function fhir_forget(text, text[]) from public;
grant execute on function fhir_forget(text, text[]) to openhcs_room;

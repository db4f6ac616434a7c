-- Erasure: the account, and every row of this room that belongs to it, whichever table that is. Tables that come later have a column account_id too, or
-- refer to one that has and go with it; a row that another one needs goes after that one.
create function forget_account(gone uuid) returns bigint language plpgsql as $$
declare
  one regclass;
  left_over regclass[] := array(
    select a.attrelid::regclass from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.relnamespace = 'identity'::regnamespace and c.relkind = 'r' and a.attname = 'account_id' and a.atttypid = 'uuid'::regtype and not a.attisdropped);
  again regclass[];
  total bigint := 0;
  rows bigint;
begin
  while cardinality(left_over) > 0 loop
    again := '{}';
    foreach one in array left_over loop
      begin
        execute format('delete from %s where account_id = $1', one) using gone;
        get diagnostics rows = row_count;
        total := total + rows;
      exception when foreign_key_violation then
        again := again || one;
      end;
    end loop;
    if cardinality(again) = cardinality(left_over) then
      raise foreign_key_violation using message = 'rows of the account refer to one another';
    end if;
    left_over := again;
  end loop;
  delete from identity.account where id = gone;
  get diagnostics rows = row_count;
  return total + rows;
end $$;
grant delete on platform.role_grant to openhcs_identity;

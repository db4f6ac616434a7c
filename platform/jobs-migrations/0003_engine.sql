-- As platform.engine in the house's database.
create table engine (
  name text primary key
);

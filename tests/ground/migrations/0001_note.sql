create table note (
  id      uuid primary key,
  text    text not null unique,
  version integer not null default 1
);

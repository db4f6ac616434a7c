-- Job engines at work, each with a session that holds the advisory lock of its name for as long as its process lives (platform/engine-life.ts).
create table engine (
  name text primary key
);
grant select, insert, delete on engine to openhcs_jobs;

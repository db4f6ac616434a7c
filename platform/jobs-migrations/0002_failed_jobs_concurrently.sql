-- Dead letters are few among many jobs that wait for their day; without this, counting them reads all.
create index concurrently if not exists openhcs_failed_jobs on graphile_worker._private_jobs (task_id) where attempts >= max_attempts and locked_at is null;

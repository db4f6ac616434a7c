-- For the nightly look at what is near its end.
create index concurrently mandate_by_end on mandate (valid_until) where revoked_at is null and told_of_end_at is null;

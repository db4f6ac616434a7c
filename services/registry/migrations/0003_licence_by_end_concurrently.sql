-- Licences that end soon, for metrics and for whoever writes to their holders.
create index concurrently licence_by_end on licence (valid_until) where status = 'verified';

-- What became of what browsers were told, for watching.
create index concurrently delivery_pushed on delivery (created_at) where channel = 'push';

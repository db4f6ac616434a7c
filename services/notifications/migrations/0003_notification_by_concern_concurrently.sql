-- Messages about a person, for erasure.
create index concurrently notification_by_concern on notification using gin (concerns) where concerns <> '{}';

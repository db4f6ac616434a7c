create index concurrently appointment_by_place on appointment (place_id, start_at, id) where place_id is not null;

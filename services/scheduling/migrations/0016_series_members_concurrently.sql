create unique index concurrently appointment_of_series on appointment (series_id, series_number) where series_id is not null;

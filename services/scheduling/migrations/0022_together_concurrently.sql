create index concurrently appointment_of_visit on appointment (together) where together is not null;

// Messages that wait: each to another account about another visit, as `appointment-booked.patient` has it, with a proved mailbox and the right to see it.
// $1 is how many.

const IDS = `
  create temp table message as
  select n, gen_random_uuid() as account, gen_random_uuid() as patient, gen_random_uuid() as appointment, gen_random_uuid() as notification, gen_random_uuid() as delivery,
    gen_random_uuid() as schedule, gen_random_uuid() as practitioner, date_trunc('day', now()) + interval '9 days' + (n % 90) * interval '5 minutes' as start
  from generate_series(1, {messages}) n;
  update message set (practitioner, schedule) = (select m.practitioner, m.schedule from message m where m.n = 1 + message.n % 50)`

const PEOPLE = [
  `insert into identity.account (id, user_name, user_name_key, email, name, language, password_hash, created_at, updated_at)
   select account, 'u' || n, 'u' || n, 'p' || n || '@people.example', 'Test Person ' || n, 'en', '', now(), now() from message`,
  `insert into identity.verified_contact (kind, address, account_id, verified_at) select 'email', 'p' || n || '@people.example', account, now() from message`,
  `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
   select gen_random_uuid(), account, 'self', 'Patient', patient, '{powers}', now() - interval '1 day' from message`,
]

const VISITS = [
  `insert into scheduling.practitioner (id, name, gender, languages, specialities, licensed_from, licensed_until)
   select distinct practitioner, 'Dr Ama Boateng', 'female', '{en}'::text[], '{cardiology}'::text[], timestamptz '2020-01-01Z', timestamptz '2045-01-01Z' from message`,
  `insert into scheduling.schedule (id, practitioner_id, modes, specialities, zone, minutes, hours, valid_from, expanded_until, tzdata, created_at)
   select distinct schedule, practitioner, '{in-person}'::text[], '{cardiology}'::text[], 'Africa/Accra', 30, '[]'::jsonb, current_date, current_date + 90, '', now() from message`,
  `insert into scheduling.appointment (id, status, practitioner_id, patient_id, schedule_id, mode, zone, start_at, end_at, made_by, relationship, created_at, updated_at)
   select appointment, 'booked', practitioner, patient, schedule, 'in-person', 'Africa/Accra', start, start + interval '30 minutes', account, 'self', now(), now() from message`,
]

const QUEUE = [
  `insert into notifications.notification (id, account_id, seq, delivery, template, language, params, resource, created_at)
   select notification, account, 1, appointment, 'appointment-booked.patient', 'en', jsonb_build_object('patient', 'Test Person ' || n, 'practitioner', 'Dr Ama Boateng',
     'start', to_char(start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'end', to_char(start at time zone 'UTC' + interval '30 minutes', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
     'zone', 'Africa/Accra', 'mode', 'in-person', 'sequence', 0), 'Appointment/' || appointment, now() from message`,
  `insert into notifications.delivery (id, notification_id, event, account_id, channel, template, due_at, created_at)
   select delivery, notification, appointment, account, 'email', 'appointment-booked.patient', now(), now() from message`,
  `select count(graphile_worker.add_job('notifications:deliver', json_build_object('delivery', delivery), job_key => 'deliver:' || delivery, max_attempts => 25)) from message`,
]

export const waitingMails = [IDS, ...PEOPLE, ...VISITS, ...QUEUE]

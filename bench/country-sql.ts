// A country of any size, made by the database itself. The same number always makes the same practitioner, so that two runs compare.
//
// Places lie 10 km apart and have 40 practitioners each, so that a circle of 25 km holds 840 practitioners whatever the size of the
// country. Everybody works five days of seven, nine hours, in shifts that begin at different times of the day, so that whenever the
// measurement is made a third of the country is at work. Of each shift two times are taken, of one hour unless the values say otherwise.

const PER_PLACE = 40
const KM_BETWEEN_PLACES = 10
const SPECIALITIES = 40
const LANGUAGES = ['en', 'fr', 'sw', 'am', 'ha', 'yo', 'ar', 'pt']

const HELPERS = `
  create function pg_temp.u(n bigint, seed int) returns float8 language sql immutable as
    $$ select (hashint8extended(n, seed) & 1048575) / 1048576.0 $$;
  create function pg_temp.id(kind int, n bigint) returns uuid language sql immutable as
    $$ select (lpad(to_hex(1760000000000 + n), 12, '0') || '7' || lpad(to_hex(kind), 3, '0') || '8' || substr(md5(kind || ' ' || n), 1, 15))::uuid $$;
  create function pg_temp.pick(list text[], u float8) returns text language sql immutable as
    $$ select list[1 + floor(u * cardinality(list))::int] $$;
  create function pg_temp.speciality(u float8) returns text language sql immutable as
    $$ select 'speciality-' || lpad(floor(u * u * ${SPECIALITIES})::int::text, 2, '0') $$;`

const PLACES = `
  insert into place (id, name, zone, latitude, longitude)
  select pg_temp.id(1, n), 'Clinic ' || n, 'Africa/Accra', (n / side) * ${KM_BETWEEN_PLACES} / 111.195, (n % side) * ${KM_BETWEEN_PLACES} / 111.195
  from (select n, ceil(sqrt({size} / ${PER_PLACE}))::int as side from generate_series(0, {size} / ${PER_PLACE} - 1) n) x`

// Common specialities first: a sixth of all practitioners have the first of the forty, one in eighty the last.
const PRACTITIONERS = `
  insert into practitioner (id, name, gender, languages, specialities, licensed_from, licensed_until)
  select pg_temp.id(2, n),
    'Dr ' || pg_temp.pick('{Amina,Kwame,Tigist,Chidi,Fatou,Jabari,Leila,Nia,Tendai,Yusuf}', pg_temp.u(n, 1)) || ' '
          || pg_temp.pick('{Okello,Mensah,Bekele,Nwosu,Diallo,Mwangi,Haddad,Abara,Moyo,Ibrahim}', pg_temp.u(n, 2)),
    pg_temp.pick('{female,female,female,male,male,male,male,other}', pg_temp.u(n, 3)),
    array(select l from unnest('{${LANGUAGES.join()}}'::text[]) with ordinality x(l, i)
          where pg_temp.u(n, 3 + i::int) < 0.9 / i or i = 1 + n % ${LANGUAGES.length}),
    array(select distinct s from unnest(array[pg_temp.speciality(pg_temp.u(n, 20)),
          case when pg_temp.u(n, 21) < 0.5 then pg_temp.speciality(pg_temp.u(n, 22)) end]) s where s is not null),
    {at} - interval '5 years', {at} + interval '5 years'
  from generate_series(0, {size} - 1) n`

// Half of them have a room of their own.
const RESOURCES = `
  insert into resource (id, kind, place_id, name)
  select pg_temp.id(2, n), 'practitioner', null::uuid, null from generate_series(0, {size} - 1) n
  union all
  select pg_temp.id(4, n), 'room', pg_temp.id(1, n * 7919 % ({size} / ${PER_PLACE})), 'Room ' || n from generate_series(0, {size} - 1, 2) n`

// Three in ten also work elsewhere, on the two days that are left.
const SCHEDULES = `
  create temp table hours as
  select n, pg_temp.id(3, n) as schedule, pg_temp.id(1, n * 7919 % ({size} / ${PER_PLACE})) as place, 0 as since, 5 as until from generate_series(0, {size} - 1) n
  union all
  select n, pg_temp.id(14, n), pg_temp.id(1, (n + 1) * 7919 % ({size} / ${PER_PLACE})), 5, 7 from generate_series(0, {size} - 1) n where n % 10 < 3;
  insert into schedule (id, practitioner_id, place_id, resources, modes, specialities, zone, minutes, hours, valid_from, expanded_until, tzdata, created_at)
  select h.schedule, p.id, h.place, case when n % 2 = 0 then array[pg_temp.id(4, n)] else '{}' end,
    array['in-person'] || case when pg_temp.u(n, 30) < 0.4 then array['video'] else '{}' end || case when pg_temp.u(n, 31) < 0.3 then array['phone'] else '{}' end,
    p.specialities, 'Africa/Accra', (array[15, 20, 30])[1 + n % 3],
    (select jsonb_agg(jsonb_build_object('day', d, 'from', '08:00', 'until', '17:00')) from unnest('{mon,tue,wed,thu,fri}'::text[]) d),
    {at}::date - 1000, {at}::date + 90, '${process.versions.tz}', {at}
  from hours h join practitioner p on p.id = pg_temp.id(2, n)`

/** Nine hours from `opens`, of which two hours are taken: from `a` and from `b`. */
const DAYS = `
  create temp table day as
  select n, d, schedule, (array[15, 20, 30])[1 + n % 3] as minutes, opens, opens + interval '9 hours' as closes,
    opens + interval '1 hour' * (1 + (n + d) % 2) as a, opens + interval '1 hour' * (5 + (n * 3 + d) % 3) as b
  from (select n, d, schedule, date_trunc('hour', {at}) + d * interval '1 day' + floor(pg_temp.u(n, 40) * 64) * interval '15 minutes' - interval '8 hours' as opens
        from hours, generate_series(-1, {days} - 1) d where (n + d + 7) % 7 >= since and (n + d + 7) % 7 < until) x`

const SHIFTS = `
  insert into shift (schedule_id, practitioner_id, during)
  select schedule, pg_temp.id(2, n), tstzrange(opens, closes) from day;
  insert into shift_resource (shift_id, resource_id, during)
  select s.id, r, s.during from shift s join schedule c on c.id = s.schedule_id cross join unnest(c.resources) r`

const VISITS = `
  create temp table visit as
  select n, schedule, pg_temp.id(5, row_number() over ()) as id, pg_temp.id(6, row_number() over ()) as patient, minutes, at
  from day, unnest(array[a, b]) taken, generate_series(taken, taken + {taken} - interval '1 minute', make_interval(mins => minutes)) at`

/** All, or those of `chosen`, a condition on `v`. */
export const appointmentsOf = (chosen = 'true') => `
  insert into appointment (id, status, practitioner_id, patient_id, schedule_id, place_id, mode, zone, start_at, end_at, made_by, relationship, created_at, updated_at)
  select v.id, 'booked', s.practitioner_id, v.patient, s.id, s.place_id, 'in-person', s.zone, v.at, v.at + make_interval(mins => v.minutes), v.patient, 'self', {at}, {at}
  from visit v join schedule s on s.id = v.schedule where ${chosen}`

export const claimsOf = (chosen = 'true') => `
  insert into claim (holder_id, resource_id, during)
  select v.id, r, tstzrange(v.at, v.at + make_interval(mins => v.minutes))
  from visit v cross join lateral unnest(array[pg_temp.id(2, v.n), v.patient] || case when n % 2 = 0 then array[pg_temp.id(4, n)] else '{}' end) r where ${chosen}`

/** What the claims leave free, from the room's own definition. */
export const freeFromClaims = (which = 'true') => `select refresh_free(array_agg(id), {at}) from shift where ${which}`

/** The same ranges without shifts and claims to compute them from: search reads neither, and they would take minutes. */
const FREE_AT_ONCE = `
  insert into free_range (schedule_id, start_at, end_at)
  select d.schedule, lower(r), upper(r)
  from day d
  cross join lateral unnest(array[tstzrange(opens, a), tstzrange(a + interval '1 hour', b), tstzrange(b + interval '1 hour', closes)]) r
  where not isempty(r) and upper(r) > {at}`

/** As searches see them. */
export const OFFERS = `select refresh_offers(array_agg(id), {at}) from practitioner`

/** Caregivers, each with a session, a patient and a mandate to book for them. */
const SEATS = [
  `insert into platform.session (id, account_id, token_hash, created_at, expires_at)
   select pg_temp.id(7, n), pg_temp.id(8, n), hash, {at}, {at} + interval '1 year' from unnest({hashes}::bytea[]) with ordinality x(hash, n)`,
  `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, valid_from)
   select pg_temp.id(10, n), pg_temp.id(8, n), 'self', 'Caregiver', pg_temp.id(9, n), {at} from generate_series(1, {seats}) n`,
  `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, source_id, valid_from)
   select pg_temp.id(12, n), pg_temp.id(8, n), 'mandate', 'Patient', pg_temp.id(11, n), '{book}', pg_temp.id(13, n), {at} from generate_series(1, {seats}) n`,
]

const BASE = [HELPERS, PLACES, PRACTITIONERS, RESOURCES, SCHEDULES, DAYS, ...SEATS]

/** With shifts, and the visits that could be: who fills it says which of them are. */
export const open = [...BASE, SHIFTS, VISITS]
/** With shifts, appointments and claims: one can book in it. */
const shown = (state: 'enable' | 'disable') => `alter table appointment ${state} trigger appointment_is_shown`

/** Of what is there the FHIR store shows nothing: nobody searches it here, and a job would write it all. */
export const bookable = [
  ...open,
  shown('disable'),
  appointmentsOf(),
  shown('enable'),
  claimsOf(),
  freeFromClaims(),
  OFFERS,
]
/** With all that a search reads, and nothing else. */
export const searchable = [...BASE, FREE_AT_ONCE, OFFERS]

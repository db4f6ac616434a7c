import { writeFile } from 'node:fs/promises'
import pg from 'pg'
import { pino } from 'pino'
import { system } from '#platform/auth.ts'
import { loadConfig } from '#platform/config.ts'
import type { Context } from '#platform/context.ts'
import { openHouse } from '#platform/house.ts'
import { newId } from '#platform/ids.ts'
import { transact } from '#platform/transaction.ts'
import { clockIn } from '#platform/wall-clock.ts'
import { bookingFacts, insertAppointment } from '#services/scheduling/queries/booking.ts'
import type { SchedulingTables } from '#services/scheduling/tables.ts'
import { offerFreed } from '#services/scheduling/waitlist/offer-freed.ts'
import { firstInLine, lockTimes, slotsIn } from '#services/scheduling/waitlist/queries/match.ts'
import { THE_HOUSE } from '#services/scheduling/waitlist/queries/offers.ts'
import { everything } from '#services.ts'
import type { Country } from './country.ts'
import { makeCountryOf, SMALL, withDatabase } from './database.ts'
import { openExplainer, type Plan } from './explain.ts'

type Ctx = Context<SchedulingTables>

interface OfferFigures {
  entries: number
  /** Milliseconds until a freed slot is offered, durably; and until the same slot is held with nobody to be looked for. */
  offered: { p50: number; p99: number }
  floor: { p50: number; p99: number }
}

export interface WaitlistFigures {
  figures: OfferFigures[]
  /** Of the look-up alone where all 100,000 wait for the speciality, and nobody on that day. */
  nobodyFits: { p50: number; p99: number }
}

const FEW = 1_000
const MANY = 100_000
const EACH = 150
const NOBODY = 20

/** Of a hundred, twenty wait for a practitioner, forty for a speciality at a place, twenty-five for one anywhere and fifteen for one near somewhere. */
const JOIN = `
  with who as (select gen_random_uuid() as patient, gen_random_uuid() as account, n, random() as kind from generate_series(1, $1::int) n),
  granted as (
    insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
    select gen_random_uuid(), account, 'self', 'Patient', patient, '{book}', now() - interval '1 day' from who),
  card as (select row_number() over () as n, s.practitioner_id, s.specialities[1] as speciality, s.place_id, l.latitude, l.longitude, count(*) over () as of
    from schedule s join place l on l.id = s.place_id)
  insert into waitlist_entry (id, patient_id, status, rank, practitioner_id, speciality, place_id, latitude, longitude, within_km, from_at, until_at,
    weekdays, from_minute, until_minute, notice_minutes, category, made_by, relationship, created_at)
  select gen_random_uuid(), patient, 'waiting', case when random() < 0.1 then 2 else 3 end, case when kind < 0.2 then practitioner_id end,
    case when kind >= 0.2 then speciality end, case when kind between 0.2 and 0.6 then place_id end,
    case when kind > 0.85 then latitude end, case when kind > 0.85 then longitude end, case when kind > 0.85 then 25 end,
    now(), now() + interval '90 days', 1 + floor(random() * 127)::int, case when random() < 0.3 then 600 else 0 end, case when random() < 0.3 then 840 else 1440 end,
    120, 'general', account, 'self', now()
  from who join card on card.n = 1 + (who.n * 7919) % card.of`

const SLOTS = `
  select s.practitioner_id as practitioner, s.specialities[1] as speciality, f.start_at as start, s.minutes from free_range f join schedule s on s.id = f.schedule_id
  where f.start_at > now() + interval '20 hours' and f.end_at > f.start_at + make_interval(mins => s.minutes) and s.services = '{}'
  order by md5(f.schedule_id::text || f.start_at) limit $1 offset $2`

interface Slot {
  practitioner: string
  speciality: string
  start: Date
  minutes: number
}

const SCHEDULING = 'set search_path = scheduling, platform, public'

/** In one process, one after another, as a worker does it. */
export async function benchWaitlist(env: Record<string, string>, { ownerUrl }: Country): Promise<WaitlistFigures> {
  const config = loadConfig({ ...process.env, ...env })
  const house = openHouse({ config, services: everything, log: pino({ level: 'silent' }) })
  const owner = new pg.Client({ connectionString: ownerUrl })
  await owner.connect()
  await owner.query(`${SCHEDULING}; delete from waitlist_entry`)
  try {
    const ctx = house.context('scheduling', { actor: system, traceId: newId(), doing: 'bench' }) as Ctx
    const figures: OfferFigures[] = []
    for (const [round, entries] of [FEW, MANY].entries()) figures.push(await among(ctx, owner, entries, round))
    return { figures, nobodyFits: await timeNobody(ctx, owner, (await owner.query(SLOTS, [1, 4 * EACH])).rows) }
  } finally {
    await owner.query('delete from waitlist_entry')
    await owner.end()
    await house.close()
  }
}

async function among(ctx: Ctx, owner: pg.Client, entries: number, round: number): Promise<OfferFigures> {
  const { rows } = await owner.query(`select count(*)::int as n from waitlist_entry where status = 'waiting'`)
  await owner.query(JOIN, [entries - rows[0].n])
  await owner.query('vacuum (analyze) waitlist_entry')
  await owner.query('vacuum (analyze) platform.access_grant')
  const slots: Slot[] = (await owner.query(SLOTS, [2 * EACH, 2 * EACH * round])).rows
  const offered: number[] = []
  const floor: number[] = []
  // By turns, so that both meet the same noise. An offer that found nobody does not count: it wrote nothing.
  for (const [n, slot] of slots.entries()) {
    const begun = performance.now()
    if (n % 2 === 0) await offerFreed(ctx, freedBy(slot))
    else await hold(ctx, slot)
    const milliseconds = performance.now() - begun
    if (n % 2 === 1) floor.push(milliseconds)
    else if (await isOffered(owner, slot)) offered.push(milliseconds)
  }
  if (offered.length < EACH / 2) throw new Error(`${offered.length} of ${EACH} slots were offered`)
  return { entries, offered: spread(offered), floor: spread(floor) }
}

const endOf = ({ start, minutes }: Slot) => new Date(start.getTime() + minutes * 60_000)
const freedBy = (slot: Slot) => ({
  practitioner: slot.practitioner,
  resources: [],
  from: slot.start.toISOString(),
  until: endOf(slot).toISOString(),
})

const isOffered = async (owner: pg.Client, { practitioner, start }: Slot) =>
  (await owner.query('select from waitlist_offer where practitioner_id = $1 and start_at = $2', [practitioner, start]))
    .rowCount === 1

/** What an offer does beside finding somebody: the lock on the calendar, the rules, a hold with its claims, durably. */
async function hold(ctx: Ctx, { practitioner, start, ...slot }: Slot): Promise<void> {
  const now = ctx.now()
  const patient = newId()
  await transact(ctx, async (ctx) => {
    await lockTimes(ctx.db, practitioner, start, endOf({ practitioner, start, ...slot }))
    const facts = await bookingFacts(ctx.db, { account: patient, patient, practitioner, start, now })
    const row = {
      ...{ id: newId(), status: 'pending', practitioner_id: practitioner, patient_id: patient, mode: 'in-person' },
      ...{
        schedule_id: String(facts.schedule_id),
        place_id: facts.place_id,
        resources: facts.resources,
        overbooked: null,
        reason: null,
      },
      ...{
        service_id: null,
        zone: String(facts.zone),
        start_at: start,
        end_at: endOf({ practitioner, start, ...slot }),
      },
      ...{
        held_until: new Date(now.getTime() + 7_200_000),
        made_by: THE_HOUSE,
        relationship: 'waitlist',
        channel: 'web',
      },
    }
    ctx.atCommit(insertAppointment(row, facts, now))
  })
}

/** The dearest look: a whole line is read, and nobody in it can come on that day. */
async function timeNobody(ctx: Ctx, owner: pg.Client, slots: readonly Slot[]) {
  const [slot] = slots
  if (!slot) throw new Error('Nothing is free')
  await owner.query(
    `update waitlist_entry set practitioner_id = null, place_id = null, latitude = null, longitude = null, within_km = null, speciality = $1, weekdays = 127 - (1 << $2)
     where status = 'waiting'`,
    [slot.speciality, clockIn('Africa/Accra', slot.start).weekday],
  )
  await owner.query('vacuum (analyze) waitlist_entry')
  const times: number[] = []
  for (let n = 0; n < NOBODY; n++) {
    const begun = performance.now()
    if (await transact(ctx, ({ db }) => look(db, slot, ctx.now()))) throw new Error('Somebody fits')
    times.push(performance.now() - begun)
  }
  return spread(times)
}

async function look(db: Parameters<typeof slotsIn>[0], slot: Slot, now: Date) {
  const of = { practitioner: slot.practitioner, now, from: slot.start, until: endOf(slot), limit: 100 }
  const candidates = (await slotsIn(db, of)).map((one) => ({ ...one, ...clockIn(one.zone, one.start_at) }))
  return firstInLine(db, slot.practitioner, candidates, now, [])
}

function spread(times: number[]): { p50: number; p99: number } {
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.floor(times.length * share)] ?? 0
  return { p50: at(0.5), p99: at(0.99) }
}

/** docs/plans-waitlist.md: how PostgreSQL looks for whose turn it is. */
async function plansAmong(country: Country, entries: number): Promise<string> {
  const owner = new pg.Client({ connectionString: country.ownerUrl })
  await owner.connect()
  await owner.query(SCHEDULING)
  const { rows } = await owner.query('select count(*)::int as n from waitlist_entry')
  await owner.query(JOIN, [entries - rows[0].n])
  await owner.query('vacuum (analyze) waitlist_entry')
  const [slot] = (await owner.query(SLOTS, [1, 0])).rows as Slot[]
  await owner.end()
  if (!slot) throw new Error('Nothing is free')
  const explainer = await openExplainer(country)
  try {
    const plans = await explainer.explain(() => look(explainer.db, slot, new Date()))
    return `## ${entries.toLocaleString('en')} who wait\n\n${plans.filter(isOfLine).map(shown).join('\n')}`
  } finally {
    await explainer.close()
  }
}

const isOfLine = ({ plan }: Plan) => plan.includes('waitlist_line')
const shown = ({ query, plan, milliseconds }: Plan) =>
  `\`${query}\`: ${milliseconds} ms\n\n\`\`\`text\n${plan}\n\`\`\`\n`

if (import.meta.main)
  await withDatabase(async (place) => {
    const country = await makeCountryOf(SMALL, place)
    const plans = [await plansAmong(country, FEW), await plansAmong(country, MANY)]
    const intro = `# Query plans of the waiting list

Written by \`node bench/waitlist-bench.ts\`: whose turn it is for one freed slot, among 1,000 and among 100,000 who wait. Plans are generic and shown as run for the third time; parts that
were never executed are left out. Each name under which the slot is looked for is one range of \`waitlist_line\`, left at the first entry that fits.
`
    await writeFile(new URL('../docs/plans-waitlist.md', import.meta.url), `${intro}\n${plans.join('\n')}`)
    const env = { DATABASE_URL: country.appUrl, DATABASE_OWNER_URL: country.ownerUrl, OPENHCS_HOME: place.folder }
    process.stderr.write(`${JSON.stringify(await benchWaitlist(env, country), null, 2)}\n`)
  })

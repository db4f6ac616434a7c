import { system } from '#platform/auth.ts'
import { Problem } from '#platform/errors.ts'
import { publish } from '#platform/events.ts'
import { newId } from '#platform/ids.ts'
import type { EventSpec } from '#platform/operation.ts'
import { type AnyService, type Route, route } from '#platform/service.ts'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { transact } from '#platform/transaction.ts'
import { readContacts } from '../identity/contract.ts'
import { readPatientCard } from '../registry/contract.ts'
import {
  appointmentBooked,
  appointmentCancelled,
  appointmentRescheduled,
  readAppointmentCard,
} from '../scheduling/contract.ts'
import { notifications } from './service.ts'
import type { Card } from './tell-of-appointment.ts'

// A small world for the tests of this room: rooms that stand where identity, registry and scheduling are, and answer what this one asks
// of them. The journeys in tests/ run the real ones.

export interface World {
  contacts: Map<string, { account: string; name: string; email?: string; language: string }>
  patients: Map<string, string>
  cards: Map<string, Card>
}

const known = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Problem('not-found', 'There is no such thing.')
  return value
}

function neighbours({ contacts, patients, cards }: World): AnyService[] {
  const room = (name: string, routes: Route[]): AnyService => ({
    name,
    purpose: `Stands for ${name}.`,
    resources: [],
    routes,
    events: [],
    subscriptions: [],
    jobs: [],
    migrations: new URL('./words/', import.meta.url), // a folder without SQL
  })
  return [
    room('identity', [
      route(readContacts, async (_ctx, { body }) => ({
        items: body.accounts.flatMap((account) => contacts.get(account) ?? []),
      })),
    ]),
    room('registry', [
      route(readPatientCard, async (_ctx, { params: { id } }) => ({
        id,
        name: known(patients.get(id)),
        language: 'en',
      })),
    ]),
    room('scheduling', [route(readAppointmentCard, async (_ctx, { params: { id } }) => known(cards.get(id)))]),
  ]
}

export interface Village extends AsyncDisposable {
  house: TestHouse
  world: World
  patientId: string
  practitionerId: string
  patient: Client
  practitioner: Client
  /** Holds a mandate to book and to receive messages. */
  caregiver: Client
  stranger: Client
  card: Card
  /** Announces an event as scheduling would. Its delivery waits for `work`. */
  announce(event: EventSpec, payload: Record<string, unknown>): Promise<void>
  /** Changes the appointment, announces it, and runs what follows. */
  happens(what: 'booked' | 'rescheduled' | 'cancelled', change?: Partial<Card>): Promise<void>
  /** A mandate for the patient; its id. */
  grant(account: string, powers: string[]): Promise<string>
  revoke(mandate: string): Promise<void>
  /** Makes mails that wait for their next attempt due: the database's clock is not the test's. */
  hurry(): Promise<void>
}

const events = { booked: appointmentBooked, rescheduled: appointmentRescheduled, cancelled: appointmentCancelled }

/** A patient, her son who cares for her, a practitioner, a stranger, and an appointment on Monday 3 March 2031. */
export async function openVillage({ env = {}, now = '2031-02-20T08:00:00Z' } = {}): Promise<Village> {
  const world: World = { contacts: new Map(), patients: new Map(), cards: new Map() }
  const house = await openTestHouse([...neighbours(world), notifications], { now, env })
  const [patientId, practitionerId, id] = [newId(), newId(), newId()]
  const patient = await house.signedIn({ self: { patient: patientId } })
  const practitioner = await house.signedIn({ self: { practitioner: practitionerId } })
  const caregiver = await house.signedIn({ self: { caregiver: newId() } })
  const stranger = await house.signedIn()
  const people = {
    'Abena Owusu': patient,
    'Dr Ama Boateng': practitioner,
    'Kofi Owusu': caregiver,
    'Yaw Darko': stranger,
  }
  for (const [name, { account }] of Object.entries(people))
    world.contacts.set(account, {
      account,
      name,
      email: `${name.split(' ').at(-2)?.toLowerCase()}@people.example`,
      language: 'en',
    })
  world.patients.set(patientId, 'Abena Owusu')
  const card: Card = {
    id,
    status: 'booked',
    sequence: 0,
    start: '2031-03-03T09:00:00Z',
    end: '2031-03-03T09:30:00Z',
    zone: 'Africa/Accra',
    mode: 'in-person',
    practitioner: practitionerId,
    practitionerName: 'Dr Ama Boateng',
    patient: patientId,
    place: newId(),
    placeName: 'Ridge Clinic',
    bookedBy: caregiver.account,
  }
  world.cards.set(id, card)

  const village: Village = {
    house,
    world,
    patientId,
    practitionerId,
    patient,
    practitioner,
    caregiver,
    stranger,
    card,
    async announce(event, payload) {
      const ctx = house.house.context('scheduling', { actor: system, traceId: newId(), doing: 'test' })
      await transact(ctx, async (ctx) => publish(ctx, event, payload))
    },
    async happens(what, change = {}) {
      Object.assign(card, change)
      await village.announce(events[what], { appointment: id, patient: patientId, practitioner: practitionerId })
      await house.work()
    },
    async grant(account, powers) {
      const mandate = newId()
      await house.owner.query(
        `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, source_id, valid_from)
         values ($1, $2, 'mandate', 'Patient', $3, $4, $5, $6)`,
        [newId(), account, patientId, powers, mandate, house.house.now()],
      )
      return mandate
    },
    async revoke(mandate) {
      await house.owner.query('update platform.access_grant set revoked_at = $2 where source_id = $1', [
        mandate,
        house.house.now(),
      ])
    },
    async hurry() {
      await house.owner.query(`
        update graphile_worker._private_jobs j set run_at = now() from graphile_worker._private_tasks t
        where t.id = j.task_id and t.identifier = 'notifications:send-email'`)
    },
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  }
  await village.grant(caregiver.account, ['book', 'receive-messages'])
  return village
}

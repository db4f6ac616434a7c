import { system } from '#platform/auth.ts'
import { Problem } from '#platform/errors.ts'
import { publish } from '#platform/events.ts'
import { newId } from '#platform/ids.ts'
import type { EventSpec, OutputOf } from '#platform/operation.ts'
import { type AnyService, type Route, route } from '#platform/service.ts'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { transact } from '#platform/transaction.ts'
import { readDueCareTasks } from '../care-plans/contract/tasks.ts'
import { findAccountsByPhone, readContacts, readReach } from '../identity/contract.ts'
import { readPatientCard, readPractitionerCard } from '../registry/contract.ts'
import {
  appointmentBooked,
  appointmentCancelled,
  appointmentRescheduled,
  bookedWithPractitioner,
  readAppointmentCards,
  readAppointmentLinks,
  readWaitlistOfferCard,
} from '../scheduling/contract.ts'
import type { Card } from './appointment-card.ts'
import type { Contact } from './contacts.ts'
import { notifications } from './service.ts'

// A small world for the tests of this room: rooms that stand where identity, registry and scheduling are, and answer what this one asks
// of them. The journeys in tests/ run the real ones.

export interface World {
  /** Who has proved where they are written to, unless `proved` says otherwise. */
  contacts: Map<string, Omit<Contact, 'proved'> & { proved?: Contact['proved'] }>
  patients: Map<string, string>
  cards: Map<string, Card>
  offers: Map<string, OutputOf<typeof readWaitlistOfferCard>>
  /** Who is to do something now. */
  due: OutputOf<typeof readDueCareTasks>['items']
  /** The link in a text; without one a text is short. */
  choose: string | undefined
  /** With the practitioner, asked for with these bounds. */
  visits(query: { since: string; until?: string }): string[]
}

const known = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Problem('not-found', 'There is no such thing.')
  return value
}

function neighbours(world: World): AnyService[] {
  const { contacts, patients, cards, offers } = world
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
      route(findAccountsByPhone, async (_ctx, { body }) => ({
        accounts: [...contacts.values()].filter(({ phone }) => phone === body.phone).map(({ account }) => account),
      })),
      route(readContacts, async (_ctx, { body }) => ({
        items: body.accounts.flatMap((account): Contact[] => {
          const contact = contacts.get(account)
          return contact ? [{ proved: ['phone', 'email'], ...contact }] : []
        }),
      })),
      route(readReach, async (_ctx, { body }) => ({
        items: body.accounts.flatMap((account) => {
          const contact = contacts.get(account)
          if (!contact) return []
          const { email, phone, language, proved = ['phone' as const, 'email' as const] } = contact
          return [{ account, language, proved, ...(email && { email: true }), ...(phone && { phone: true }) }]
        }),
      })),
    ]),
    room('care_plans', [route(readDueCareTasks, async () => ({ items: world.due }))]),
    room('registry', [
      route(readPractitionerCard, async (_ctx, { params: { id } }) => ({
        ...{ id, name: 'Dr Ama Boateng', languages: ['en'], specialities: ['cardiology'] },
        gender: 'female' as const,
      })),
      route(readPatientCard, async (_ctx, { params: { id } }) => ({
        id,
        name: known(patients.get(id)),
        language: 'en',
        zone: 'UTC',
      })),
    ]),
    room('scheduling', [
      route(bookedWithPractitioner, async (_ctx, { params: { id: practitioner }, query: { after, ...query } }) => ({
        items:
          after === undefined
            ? world.visits(query).map((patient) => ({ appointment: newId(), patient, practitioner }))
            : [],
      })),
      route(readAppointmentCards, async (_ctx, { body }) => ({
        items: body.appointments.flatMap((id) => cards.get(id) ?? []),
      })),
      route(readWaitlistOfferCard, async (_ctx, { params: { id } }) => known(offers.get(id))),
      route(readAppointmentLinks, async (_ctx, { body }) => ({
        items: body.items.map(({ appointment, account }) => ({
          cancel: `http://openhcs.test/links/${appointment}/${account}`,
          ...(world.choose !== undefined && { choose: world.choose }),
        })),
      })),
    ]),
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
  /** The practitioner treats a patient: her, where none is named. */
  treat(patient?: string): Promise<void>
  /** A mandate for the patient; its id. */
  grant(account: string, powers: string[]): Promise<string>
  revoke(mandate: string): Promise<void>
  /** Makes mails that wait for their next attempt due: the database's clock is not the test's. */
  hurry(): Promise<void>
}

const events = { booked: appointmentBooked, rescheduled: appointmentRescheduled, cancelled: appointmentCancelled }

const appointmentOf = (ids: Pick<Card, 'patient' | 'practitioner' | 'bookedBy'>): Card => ({
  ...ids,
  id: newId(),
  status: 'booked',
  sequence: 0,
  start: '2031-03-03T09:00:00Z',
  end: '2031-03-03T09:30:00Z',
  zone: 'Africa/Accra',
  mode: 'in-person',
  category: 'general',
  practitionerName: 'Dr Ama Boateng',
  place: newId(),
  placeName: 'Ridge Clinic',
})

/** Accounts of those who live here; `<first name>@people.example` reaches them. */
async function settle(house: TestHouse, world: World, ids: { patient: string; practitioner: string }) {
  const patient = await house.signedIn({ self: { patient: ids.patient } })
  const practitioner = await house.signedIn({ self: { practitioner: ids.practitioner } })
  const caregiver = await house.signedIn({ self: { caregiver: newId() } })
  const stranger = await house.signedIn()
  const names = [
    [patient, 'Abena Owusu', 'abena'],
    [practitioner, 'Dr Ama Boateng', 'ama'],
    [caregiver, 'Kofi Owusu', 'kofi'],
    [stranger, 'Yaw Darko', 'yaw'],
  ] as const
  for (const [{ account }, name, mailbox] of names)
    world.contacts.set(account, { account, name, email: `${mailbox}@people.example`, language: 'en' })
  world.patients.set(ids.patient, 'Abena Owusu')
  return { patient, practitioner, caregiver, stranger }
}

/** What the tests do to the world. */
function actsIn(house: TestHouse, card: Card): Pick<Village, 'announce' | 'happens' | 'grant' | 'revoke' | 'hurry'> {
  const announce: Village['announce'] = async (event, payload) => {
    const ctx = house.house.context('scheduling', { actor: system, traceId: newId(), doing: 'test' })
    await transact(ctx, async (ctx) => publish(ctx, event, payload))
  }
  return {
    announce,
    async happens(what, change = {}) {
      const { id: appointment, patient, practitioner } = Object.assign(card, change)
      await announce(events[what], { appointment, patient, practitioner })
      await house.work()
    },
    async grant(account, powers) {
      const mandate = newId()
      await house.owner.query(GRANT, [newId(), account, card.patient, powers, mandate, house.house.now()])
      return mandate
    },
    async revoke(mandate) {
      await house.owner.query(REVOKE, [mandate, house.house.now()])
    },
    async hurry() {
      await house.owner.query(HURRY)
    },
  }
}

const GRANT = `
  insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, source_id, valid_from)
  values ($1, $2, 'mandate', 'Patient', $3, $4, $5, $6)`
const TREAT = `
  insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, source_id, valid_from)
  values ($1, $2, 'treatment', 'Patient', $3, '{see-record}', $1, $4)`
const REVOKE = 'update platform.access_grant set revoked_at = $2 where source_id = $1'
const HURRY = `
  update graphile_worker._private_jobs j set run_at = now() from graphile_worker._private_tasks t
  where t.id = j.task_id and t.identifier = 'notifications:deliver'`

/** A patient, her son who cares for her, a practitioner, a stranger, and an appointment on Monday 3 March 2031. */
export async function openVillage({ env = {}, now = '2031-02-20T08:00:00Z' } = {}): Promise<Village> {
  const world: World = {
    ...{ contacts: new Map(), patients: new Map(), cards: new Map(), offers: new Map(), due: [] },
    visits: () => [],
    choose: `http://openhcs.test/links/${'x'.repeat(71)}`,
  }
  const house = await openTestHouse([...neighbours(world), notifications], { now, env })
  const [patientId, practitionerId] = [newId(), newId()]
  const people = await settle(house, world, { patient: patientId, practitioner: practitionerId })
  const card = appointmentOf({ patient: patientId, practitioner: practitionerId, bookedBy: people.caregiver.account })
  world.cards.set(card.id, card)
  const acts = actsIn(house, card)
  await acts.grant(people.caregiver.account, ['book', 'receive-messages'])
  return {
    ...people,
    ...acts,
    async treat(patient = patientId) {
      await house.owner.query(TREAT, [newId(), people.practitioner.account, patient, house.house.now()])
    },
    house,
    world,
    patientId,
    practitionerId,
    card,
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  }
}

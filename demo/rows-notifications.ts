import { places } from './country.ts'
import type { Country } from './generate.ts'
import { instant } from './instant.ts'
import type { Account } from './people.ts'
import type { Batch, Row } from './queries.ts'
import { randomFrom } from './random.ts'
import type { Visit } from './visits.ts'

/** Messages in the inbox of each named sign-in, at most. */
const MOST = 8

/** What the named sign-ins were told of visits to come. Nobody is written to: there are no e-mails and no reminders. */
export function* notificationRows({ visits, day }: Country): Generator<Batch> {
  const random = randomFrom('notifications')
  const ahead = visits
    .filter(({ status, start }) => status === 'booked' && start > day.midnight)
    .sort((a, b) => a.createdAt - b.createdAt)
  const told = Map.groupBy(ahead.flatMap(messages), ({ account }) => account.id)
  const inboxes = [...told].map(([account, inbox]) => [account, inbox.slice(-MOST)] as const)
  yield ['notifications.inbox_head', inboxes.map(([account_id, inbox]) => ({ account_id, last_seq: inbox.length }))]
  yield [
    'notifications.notification',
    inboxes.flatMap(([, inbox]) =>
      inbox.map((message, n) => notificationRow(message, { id: random.id(message.visit.createdAt), seq: n + 1 })),
    ),
  ]
}

interface Message {
  account: Account
  part: 'patient' | 'practitioner' | 'caregiver'
  visit: Visit
}

function messages(visit: Visit): Message[] {
  const { patient, schedule, by } = visit
  return [
    { person: patient, part: 'patient' } as const,
    { person: schedule.practitioner, part: 'practitioner' } as const,
    ...(by.id === patient.id ? [] : [{ person: by, part: 'caregiver' } as const]),
  ].flatMap(({ person, part }) => (person.signIn && person.account ? [{ account: person.account, part, visit }] : []))
}

const notificationRow = ({ account, part, visit }: Message, { id, seq }: { id: string; seq: number }): Row => ({
  id,
  account_id: account.id,
  seq,
  delivery: visit.id,
  template: `appointment-booked.${part}`,
  language: account.language,
  params: paramsOf(visit),
  resource: `Appointment/${visit.id}`,
  subject_id: part === 'caregiver' ? visit.patient.id : null,
  power: part === 'caregiver' ? 'book' : null,
  created_at: instant(visit.createdAt),
  read_at: null,
  demo: true,
})

function paramsOf({ patient, schedule, start, end, mode }: Visit) {
  const place = schedule.place === null ? undefined : places[schedule.place]?.name
  const when = { start: instant(start), end: instant(end), zone: schedule.zone }
  return {
    patient: patient.name,
    practitioner: schedule.practitioner.name,
    ...when,
    mode,
    sequence: 0,
    ...(place && { place }),
  }
}

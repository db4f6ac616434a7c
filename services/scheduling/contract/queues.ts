import { Type } from 'typebox'
import { CalendarDate, Closed, Id, IdParams, Instant, Line, operation, Version, Zone } from '#platform/operation.ts'
import { Speciality } from './schedules.ts'
import { ServiceCode } from './services.ts'

// Queues, and who waits in them: people with a booking who have come, and people without one.

/** Words of the Manchester Triage System, in the order of its five levels. */
export const priorities = ['immediate', 'very-urgent', 'urgent', 'standard', 'non-urgent'] as const
export const Priority = Type.Enum([...priorities], { examples: ['standard'] })
export const PriorityReason = Type.Enum(['triage', 'worse', 'vulnerable', 'returning', 'practitioner', 'other'], {
  examples: ['triage'],
  description: 'Needed with every priority but `standard`. `returning`: from a test, to the same visit',
})
export const UndoReason = Type.Enum(['entered-in-error', 'wrong-person', 'came-after-all', 'other'], {
  examples: ['entered-in-error'],
})

const minutesOfWait = Type.Integer({ minimum: 0, multipleOf: 5, examples: [20] })
export const Wait = Closed(
  { from: minutesOfWait, until: minutesOfWait },
  {
    description:
      'Minutes that it will probably take, for eight of ten: from how long visits have taken today, who is there to see people, and who comes before. Left out where nobody is there',
  },
)

export const QueueEntry = Closed(
  {
    id: Id,
    queue: Id,
    label: Type.String({
      examples: ['A17'],
      description: 'On the slip and on the screen; stays when they go elsewhere',
    }),
    date: Type.String({ ...CalendarDate, description: 'On which the number was given, in the zone of the place' }),
    state: Type.Enum(['waiting', 'called', 'done', 'left', 'withdrawn'], { examples: ['waiting'] }),
    appointment: Type.Optional(Id),
    patient: Type.Optional(Id),
    firstName: Type.Optional(Line(40, 'Saba')),
    practitioner: Type.Optional(Type.String({ ...Id, description: 'With whom; left out: whoever is free first' })),
    priority: Priority,
    priorityReason: Type.Optional(PriorityReason),
    dueAt: Type.String({ ...Instant, description: 'Who is due first is called first; see decision 0031' }),
    arrivedAt: Instant,
    calledAt: Type.Optional(Instant),
    endedAt: Type.Optional(Instant),
    reason: Type.Optional(Type.String({ examples: ['did-not-answer'], description: 'Of the last step that had one' })),
    wait: Type.Optional(Wait),
    version: Version,
  },
  { title: 'QueueEntry' },
)

const facts = {
  letter: Type.String({ pattern: '^[A-Z]{1,2}$', examples: ['A'], description: 'Before its numbers; once at a place' }),
  name: Type.Optional(
    Type.String({ ...Line(60, 'General practice'), description: 'On the screen; left out: the practitioner’s' }),
  ),
  minutes: Type.Integer({ minimum: 5, maximum: 240, examples: [15], description: 'Planned for a visit' }),
}
const forWhom = {
  practitioner: Type.Optional(Id),
  speciality: Type.Optional(Speciality),
  service: Type.Optional(ServiceCode),
}

export const Queue = Closed(
  { id: Id, place: Type.Optional(Id), zone: Zone, ...forWhom, ...facts, version: Version },
  { title: 'Queue' },
)

export const createQueue = operation({
  id: 'createQueue',
  method: 'POST',
  url: '/v1/queues',
  summary: 'Open a queue at a place, for a practitioner, a speciality or a service',
  description:
    'By the desk of the place; a practitioner with hours there opens their own. Without one, the first patient who is checked in for a practitioner opens it.',
  access: 'Queue.c',
  body: Closed(
    { place: Id, ...forWhom, ...facts, letter: Type.Optional(facts.letter) },
    {
      title: 'NewQueue',
      examples: [{ place: '018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f', speciality: 'general-practice', minutes: 15 }],
    },
  ),
  problems: ['not-found', 'duplicate'],
  status: 201,
  response: Queue,
})
export const listQueues = operation({
  id: 'listQueues',
  method: 'GET',
  url: '/v1/places/:id/queues',
  summary: 'The queues of a place, by letter, with how many wait, and how long somebody would who came now',
  access: 'Practitioner.s',
  patient: 'none',
  params: IdParams,
  response: Closed({
    items: Type.Array(
      Closed({ ...Queue.properties, waiting: Type.Integer({ minimum: 0, examples: [4] }), wait: Type.Optional(Wait) }),
    ),
  }),
})
export const updateQueue = operation({
  id: 'updateQueue',
  method: 'PUT',
  url: '/v1/queues/:id',
  summary: 'Change how a queue is called, and the minutes planned for a visit',
  access: 'Queue.u',
  params: IdParams,
  body: Closed(facts, { title: 'QueueChange' }),
  ifMatch: true,
  problems: ['duplicate'],
  response: Queue,
})
export const deleteQueue = operation({
  id: 'deleteQueue',
  method: 'DELETE',
  url: '/v1/queues/:id',
  summary: 'Close a queue in which nobody waits',
  access: 'Queue.d',
  params: IdParams,
  ifMatch: true,
  problems: ['business-rule'],
})

export const createQueueEntry = operation({
  id: 'createQueueEntry',
  method: 'POST',
  url: '/v1/queue-entries',
  summary: 'Give somebody without a booking a number for today',
  description:
    'By the desk or whoever sees the people of that queue. A patient for whom one may act, or somebody who is not registered: nothing of them is needed, a first name is enough.',
  access: 'Queue.c',
  body: Closed(
    {
      queue: Id,
      patient: Type.Optional(Id),
      firstName: Type.Optional(Line(40, 'Saba')),
      practitioner: Type.Optional(Type.String({ ...Id, description: 'With whom; left out: whoever is free first' })),
      priority: Type.Optional(Priority),
      priorityReason: Type.Optional(PriorityReason),
    },
    { title: 'NewQueueEntry', examples: [{ queue: '018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f', firstName: 'Saba' }] },
  ),
  problems: ['not-found', 'duplicate'],
  status: 201,
  response: QueueEntry,
})
export const listQueueEntries = operation({
  id: 'listQueueEntries',
  method: 'GET',
  url: '/v1/queues/:id/entries',
  summary: 'Who was called, and who waits, in the order in which they are called',
  description: 'Of the last twelve hours, so that nobody is lost at midnight.',
  access: 'Queue.s',
  params: IdParams,
  response: Closed({ called: Type.Array(QueueEntry), waiting: Type.Array(QueueEntry) }),
})
export const listOwnQueueEntries = operation({
  id: 'listOwnQueueEntries',
  method: 'GET',
  url: '/v1/queue-entries',
  summary: 'Where one waits oneself, or somebody for whom one books',
  access: 'Appointment.s',
  patient: 'condition',
  response: Closed({ items: Type.Array(QueueEntry) }),
})
export const readQueueEntry = operation({
  id: 'readQueueEntry',
  method: 'GET',
  url: '/v1/queue-entries/:id',
  summary: 'A number, and how many are before it',
  access: 'Appointment.r',
  patient: 'condition',
  params: IdParams,
  response: Closed({
    ...QueueEntry.properties,
    ahead: Type.Optional(Type.Integer({ minimum: 0, examples: [3], description: 'While it waits' })),
  }),
})

const Caller = Type.Optional(
  Type.String({ ...Id, description: 'Who sees them; needed at a desk where several see the people of a queue' }),
)
export const callNext = operation({
  id: 'callNext',
  method: 'POST',
  url: '/v1/queues/:id/call-next',
  summary: 'Call whoever is next',
  description: 'However many press at once, each is given somebody else. See decision 0031 for who is next.',
  access: 'Queue.u',
  params: IdParams,
  body: Closed({ practitioner: Caller }, { title: 'CallNext', examples: [{}] }),
  response: QueueEntry,
})
export const stepQueueEntry = operation({
  id: 'stepQueueEntry',
  method: 'POST',
  url: '/v1/queue-entries/:id/steps',
  summary: 'Call, put back, finish, note that they left, or take the last step back',
  description:
    'Of a booked visit the appointment goes with it. `put-back` has one of the reasons did-not-answer, not-ready, called-in-error, sent-for-test; `leave` left-unseen, did-not-answer, sent-elsewhere, other; `undo` entered-in-error, wrong-person, came-after-all, other.',
  access: 'Queue.u',
  params: IdParams,
  body: Closed(
    {
      step: Type.Enum(['call', 'put-back', 'finish', 'leave', 'undo'], { examples: ['finish'] }),
      reason: Type.Optional(
        Type.Enum(
          [
            'did-not-answer',
            'not-ready',
            'called-in-error',
            'sent-for-test',
            'left-unseen',
            'sent-elsewhere',
            'entered-in-error',
            'wrong-person',
            'came-after-all',
            'other',
          ],
          { examples: ['did-not-answer'] },
        ),
      ),
      practitioner: Caller,
    },
    { title: 'QueueStep', examples: [{ step: 'finish' }] },
  ),
  ifMatch: true,
  response: QueueEntry,
})
export const updateQueueEntry = operation({
  id: 'updateQueueEntry',
  method: 'PATCH',
  url: '/v1/queue-entries/:id',
  summary: 'Say how urgent it is',
  access: 'Queue.u',
  params: IdParams,
  body: Closed(
    { priority: Priority, priorityReason: Type.Optional(PriorityReason) },
    { title: 'Urgency', examples: [{ priority: 'urgent', priorityReason: 'triage' }] },
  ),
  ifMatch: true,
  response: QueueEntry,
})
export const transferQueueEntry = operation({
  id: 'transferQueueEntry',
  method: 'POST',
  url: '/v1/queue-entries/:id/transfer',
  summary: 'Send somebody to another queue of the place, or to another practitioner',
  description:
    'They keep number, arrival and urgency. A booked visit stays with whom it was booked; no calendar changes.',
  access: 'Queue.u',
  params: IdParams,
  body: Closed(
    {
      queue: Id,
      practitioner: Type.Optional(
        Type.String({
          ...Id,
          description: 'Who is to see them there; left out: whose queue it is, or whoever is free first',
        }),
      ),
      reason: Type.Enum(
        ['other-speciality', 'shorter-wait', 'practitioner-away', 'patient-wish', 'clinical', 'other'],
        {
          examples: ['shorter-wait'],
        },
      ),
    },
    { title: 'Transfer' },
  ),
  ifMatch: true,
  response: QueueEntry,
})

import { Type } from 'typebox'
import { Closed, Gender, Id, Instant, Language, operation, Prose } from '#platform/operation.ts'
import { Appointment, ByStaff } from './appointments.ts'
import { Mode, Speciality } from './schedules.ts'
import { ServiceCode } from './services.ts'

export const bookFromPool = operation({
  id: 'bookFromPool',
  method: 'POST',
  url: '/v1/pool-appointments',
  summary: 'Book with whoever is free first, or has the fewest visits',
  description:
    'Of those who match, one is chosen and booked in one request: two who ask at once get two practitioners, and nobody waits for the other. A time at which the patient has another visit is left out.',
  access: 'Appointment.c',
  patient: '/body/patient',
  body: Closed(
    {
      patient: Id,
      speciality: Type.Optional(Speciality),
      service: Type.Optional(ServiceCode),
      practitioners: Type.Optional(
        Type.Array(Id, { minItems: 1, maxItems: 50, uniqueItems: true, description: 'One of these only' }),
      ),
      place: Type.Optional(Id),
      mode: Type.Optional(Mode),
      language: Type.Optional(Type.Array(Language, { maxItems: 5, examples: [['am']], description: 'All of these' })),
      gender: Type.Optional(Gender),
      from: Type.Optional(Instant),
      until: Type.Optional(Instant),
      by: Type.Optional(
        Type.Enum(['soonest', 'load'], {
          default: 'soonest',
          examples: ['soonest'],
          description: 'load: who has the fewest visits in the window, which is a week if `until` is left out',
        }),
      ),
      channel: ByStaff,
      reason: Type.Optional(Prose(500, 'Cough for a week')),
    },
    { title: 'PoolWish' },
  ),
  problems: ['not-found', 'conflict', 'business-rule'],
  status: 201,
  response: Appointment,
})

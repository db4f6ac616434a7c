import type { AppointmentParams, AppointmentsParams, OfferParams } from './words.ts'

/** Something to fill messages with, of nobody. */
export function sample({
  start = '2031-03-03T09:00:00Z',
  zone = 'Africa/Accra',
}: {
  start?: string
  zone?: string
} = {}): object {
  const names = { patient: 'Abena Example', practitioner: 'Dr Ama Example', caregiver: 'Kofi Example' }
  const visit: AppointmentParams & { appointment: string } = {
    ...names,
    ...{ start, end: start, zone, mode: 'in-person', place: 'Example Clinic', sequence: 0, appointment: 'example' },
  }
  return {
    ...visit,
    ...{ offer: 'example', answerBy: start, createdAt: start, dueAt: start, days: 30, visits: [visit, visit] },
    ...{ text: 'Something that somebody wrote.', host: 'hooks.example', reason: 'failing' },
  } satisfies OfferParams & AppointmentsParams & object
}

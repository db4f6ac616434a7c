import type { Static } from 'typebox'
import type { AppointmentResponse, FhirAppointment } from '../contract/fhir/appointments.ts'
import { cancelReasonInFhir, modesInFhir, serviceInFhir } from './coded.ts'

/** What is told of a visit: as GET /v1/appointments/:id has it, or more of it to whom it belongs. */
export interface Visit {
  id: string
  status: string
  patient: string
  practitioner: string
  practitionerName?: string | undefined
  /** Who give it, where several do. */
  together?: { practitioners: readonly string[] } | undefined
  place?: string | undefined
  service?: string | undefined
  mode: string
  start: string
  end: string
  reason?: string | undefined
  cancelReason?: string | undefined
  cancelNote?: string | undefined
  created?: string | undefined
  version?: number | undefined
}

type Shown = Static<typeof FhirAppointment>
type Status = Shown['participant'][number]['status']

const MINUTE = 60_000

export const minutesBetween = (start: string, end: string) => (Date.parse(end) - Date.parse(start)) / MINUTE

/** R4 Appointment. */
export function appointmentInFhir(visit: Visit, publicUrl: string): Shown {
  const { id, start, end, mode, service, place, reason, cancelReason, version } = visit
  const status = visit.status as Shown['status']
  const says = answersOf(visit)
  return {
    resourceType: 'Appointment',
    id,
    ...(version !== undefined && { meta: { versionId: String(version) } }),
    identifier: [{ system: 'urn:ietf:rfc:3986', value: `urn:uuid:${id}` }],
    status,
    ...(cancelReason &&
      status === 'cancelled' && { cancelationReason: cancelReasonInFhir(cancelReason, visit.cancelNote) }),
    serviceCategory: modesInFhir([mode]),
    ...(service && { serviceType: [serviceInFhir(publicUrl, service)] }),
    ...(reason && { description: reason }),
    start,
    end,
    minutesDuration: minutesBetween(start, end),
    ...(visit.created && { created: visit.created }),
    participant: [
      { actor: { reference: `Patient/${visit.patient}` }, status: says.patient },
      ...(visit.together?.practitioners ?? [visit.practitioner]).map((practitioner) => ({
        actor: {
          reference: `Practitioner/${practitioner}`,
          ...(visit.practitionerName && practitioner === visit.practitioner && { display: visit.practitionerName }),
        },
        status: says.practitioner,
      })),
      ...(place ? [{ actor: { reference: `Location/${place}` }, status: 'accepted' as const }] : []),
    ],
  }
}

/** Who comes has agreed by booking, and who gives the visit by the hours; a hold is no word yet. Of one that is off, whoever called it off has declined. */
export function answersOf({ status, cancelReason = '' }: Pick<Visit, 'status' | 'cancelReason'>): {
  patient: Status
  practitioner: Status
} {
  if (status === 'pending') return { patient: 'tentative', practitioner: 'accepted' }
  const off = status === 'cancelled'
  return {
    patient: off && cancelReason.startsWith('pat') ? 'declined' : 'accepted',
    practitioner: off && cancelReason.startsWith('prov') ? 'declined' : 'accepted',
  }
}

export const SAID = ['patient', 'practitioner'] as const
const TYPES = { patient: 'Patient', practitioner: 'Practitioner' } as const

/** R4 AppointmentResponse of one participant. It is no record of its own: the visit says it. */
export function responseInFhir(
  visit: Visit,
  by: (typeof SAID)[number],
): Static<typeof AppointmentResponse> | undefined {
  const participantStatus = answersOf(visit)[by]
  if (participantStatus !== 'accepted' && participantStatus !== 'declined') return undefined
  const { id, start, end, cancelNote } = visit
  return {
    resourceType: 'AppointmentResponse',
    id: `${id}.${by}`,
    appointment: { reference: `Appointment/${id}` },
    start,
    end,
    actor: { reference: `${TYPES[by]}/${visit[by]}` },
    participantStatus,
    ...(participantStatus === 'declined' && cancelNote && { comment: cancelNote }),
  }
}

// Words of ours as codes of R4.

const THO = 'http://terminology.hl7.org/CodeSystem'

/** Without FHIR’s own word for a visit by telephone: both are virtual. */
const ACTS: Readonly<Record<string, string>> = { 'in-person': 'AMB', video: 'VR', phone: 'VR' }

/** How somebody is seen, as FHIR's service category. */
export const modesInFhir = (modes: readonly string[]) =>
  [...new Set(modes.map((mode) => ACTS[mode] ?? 'AMB'))].map((code) => ({
    coding: [{ system: `${THO}/v3-ActCode`, code }],
  }))

export const cancelReasonInFhir = (code: string, note: string | null | undefined) => ({
  coding: [{ system: `${THO}/appointment-cancellation-reason`, code }],
  ...(note && { text: note }),
})

/** What is booked, by the code by which searches know it, or by its id. */
export const serviceInFhir = (publicUrl: string, code: string, name?: string) => ({
  coding: [{ system: `${publicUrl}/v1/services`, code, ...(name && { display: name }) }],
})

export const specialityInFhir = (publicUrl: string, code: string) => ({
  coding: [{ system: `${publicUrl}/v1/specialities`, code }],
})

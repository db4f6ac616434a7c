import { type FieldError, Problem } from '#platform/errors.ts'
import type { Resource } from '../resource.ts'
import type { Finding, Unchecked } from './check.ts'

/** Why a prescription is right although the record speaks against it. */
export interface Override extends Pick<Finding, 'kind' | 'with'> {
  reason: string
}

export type Overridden = Finding & { reason: string }

const isOf = (finding: Finding, { kind, with: other }: Override): boolean =>
  finding.kind === kind && finding.with === other

/** Each finding with its reason. Throws `business-rule` where one has none, or where a reason is given for what is not found (any more). */
export function expectAnswered(
  { findings, unchecked }: { findings: readonly Finding[]; unchecked: readonly Unchecked[] },
  overrides: readonly Override[],
): Overridden[] {
  const strange: FieldError[] = overrides.flatMap((override, n) =>
    findings.some((finding) => isOf(finding, override))
      ? []
      : [{ pointer: `/body/overrides/${n}`, detail: 'is no finding of this prescription' }],
  )
  if (strange.length > 0)
    throw new Problem('business-rule', 'A reason is given for something that is not found.', { errors: strange })
  const answered = findings.flatMap((finding) => {
    const override = overrides.find((one) => isOf(finding, one))
    return override ? [{ ...finding, reason: override.reason }] : []
  })
  if (answered.length < findings.length)
    throw new Problem(
      'business-rule',
      'The record speaks against this prescription. Change it, or say of each finding in `overrides` why it is right.',
      {
        details: { findings: findings.filter((one) => !overrides.some((override) => isOf(one, override))), unchecked },
      },
    )
  return answered
}

/** HL7 v3 ActCode, which R4's detectedissue-category is made of. */
const codes = {
  allergy: { code: 'ALGY', display: 'Allergy Alert' },
  'duplicate-therapy': { code: 'DUPTHPY', display: 'Duplicate Therapy Alert' },
} as const

/** What was found and prescribed nevertheless, by whom, and why: for whoever reads the record later. */
export function detectedIssueOf(
  { kind, severity, with: other, reason }: Overridden,
  about: { id: string; patient: string; prescription: string; practitioner: string; at: string },
): Resource & { id: string } {
  const author = { reference: `Practitioner/${about.practitioner}` }
  return {
    resourceType: 'DetectedIssue',
    id: about.id,
    status: 'final',
    code: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', ...codes[kind] }] },
    severity,
    patient: { reference: `Patient/${about.patient}` },
    identifiedDateTime: about.at,
    author,
    implicated: [{ reference: `MedicationRequest/${about.prescription}` }, { reference: other }],
    mitigation: [{ action: { text: reason }, date: about.at, author }],
  }
}

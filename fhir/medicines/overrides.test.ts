import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Problem } from '#platform/errors.ts'
import { validate } from '../validate.ts'
import type { Finding } from './check.ts'
import { detectedIssueOf, expectAnswered } from './overrides.ts'

const allergy: Finding = { kind: 'allergy', severity: 'high', by: 'code', with: 'AllergyIntolerance/a' }
const twice: Finding = { kind: 'duplicate-therapy', severity: 'moderate', by: 'class', with: 'MedicationRequest/b' }
const unchecked = [{ kind: 'allergy', with: 'AllergyIntolerance/c' }] as const
const checked = { findings: [allergy, twice], unchecked }
const reasonFor = ({ kind, with: other }: Finding, reason = 'Tolerated since') => ({ kind, with: other, reason })

describe('what speaks against a prescription', () => {
  it('is refused until each finding has its reason, and told with what could not be checked', () => {
    assert.throws(
      () => expectAnswered(checked, [reasonFor(allergy)]),
      ({ code, details }: Problem) => {
        assert.deepEqual([code, details], ['business-rule', { findings: [twice], unchecked }])
        return true
      },
    )
    assert.deepEqual(expectAnswered(checked, [reasonFor(twice, 'For a week'), reasonFor(allergy)]), [
      { ...allergy, reason: 'Tolerated since' },
      { ...twice, reason: 'For a week' },
    ])
    assert.deepEqual(expectAnswered({ findings: [], unchecked }, []), [])
  })

  it('is refused where a reason is given for what is not found', () => {
    const gone = [reasonFor(allergy), reasonFor({ ...twice, with: 'MedicationRequest/gone' })]
    assert.throws(
      () => expectAnswered(checked, gone),
      ({ code, errors }: Problem) => {
        assert.deepEqual([code, errors?.[0]?.pointer], ['business-rule', '/body/overrides/1'])
        return true
      },
    )
  })

  it('is kept as a valid DetectedIssue that says why', () => {
    const about = { id: 'i', patient: 'p', prescription: 'm', practitioner: 'd', at: '2031-03-03T09:00:00Z' }
    for (const finding of [allergy, twice]) {
      const issue = detectedIssueOf({ ...finding, reason: 'Tolerated since' }, about)
      assert.deepEqual(validate(issue), [])
      assert.match(JSON.stringify(issue), /Tolerated since/)
      assert.deepEqual(issue.implicated, [{ reference: 'MedicationRequest/m' }, { reference: finding.with }])
    }
  })
})

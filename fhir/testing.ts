import assert from 'node:assert/strict'
import { Problem } from '#platform/errors.ts'

/** What it throws, which must be a Problem. */
export function refusal(work: () => unknown): Problem {
  try {
    work()
  } catch (error) {
    assert.ok(error instanceof Problem, String(error))
    return error
  }
  return assert.fail('is accepted')
}

import { createHash } from 'node:crypto'
import { hashOfToken } from '#platform/auth.ts'

/** Caregivers who ask. More than the visits that begin in any half hour, so that no patient is wanted twice at a time. */
export const SEATS = 6_000

/** The token of the n-th caregiver, from 1. Known beforehand, so that whoever makes the load needs no list. */
export const tokenOf = (n: number) => `ohcs_${createHash('sha256').update(`seat ${n}`).digest('base64url')}`

export const tokenHashes = (): Buffer[] => Array.from({ length: SEATS }, (_, i) => hashOfToken(tokenOf(i + 1)))

import { randomBytes } from 'node:crypto'
import { digest } from './sealing.ts'

const PREFIX = 'ohcr_'

export const newRefreshToken = (): string => `${PREFIX}${randomBytes(32).toString('base64url')}`

/**
 * What a refresh token is exchanged for. It follows from the token and this installation's key, so that whoever lost the answer gets the same
 * one again, and two who ask at once cannot make two families.
 */
export function successorOf(ctx: Parameters<typeof digest>[0], refreshToken: string) {
  const next = (purpose: string) => digest(ctx, purpose, refreshToken).toString('base64url')
  return { token: `ohcs_${next('next access')}`, refreshToken: `${PREFIX}${next('next refresh')}` }
}

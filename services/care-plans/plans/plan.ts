import type { Static } from 'typebox'
import type { CarePlan } from '../contract.ts'

/** A plan as `/v1` shows it. */
export type Plan = Static<typeof CarePlan>
export type Goal = Plan['goals'][number]
export type Activity = Plan['activities'][number]

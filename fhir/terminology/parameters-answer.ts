import type { Answer } from '../interactions/asked.ts'

export type Parameter = { name: string } & Record<string, unknown>

/** What an operation answers with: hl7.org/fhir/R4/parameters.html. */
export const parametersAnswer = (parameter: readonly Parameter[]): Answer => ({
  status: 200,
  body: JSON.stringify({ resourceType: 'Parameters', parameter }),
})

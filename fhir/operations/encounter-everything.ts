import type { FaceOperation } from '#platform/fhir-face.ts'
import type { Interaction } from '../interactions/asked.ts'
import { isThere, nowhere } from '../interactions/read.ts'
import { searchParametersOf } from '../search-parameters.ts'
import { readSeen } from '../store/read-seen.ts'
import { everythingOf } from './everything.ts'
import { everythingParameters } from './everything-parameters.ts'

/** hl7.org/fhir/R4/encounter-operation-everything.html: the encounter, and what says that it was in it. */
export const encounterEverything: Interaction = async (ctx, asked, face) => {
  if (asked.type !== 'Encounter') throw nowhere()
  const stored = await readSeen(ctx, { type: 'Encounter', id: asked.id })
  if (!stored || !isThere(stored)) throw nowhere()
  return everythingOf(ctx, asked, face, {
    itself: { type: 'Encounter', id: asked.id },
    references: (type) => encounterParametersOf(type).map((code) => `${type}.${code}=Encounter/${asked.id}`),
    admit: async () => {},
  })
}

/** `encounter`, which of some types is called `context`: hl7.org/fhir/R4/compartmentdefinition-encounter.html. */
const encounterParametersOf = (type: string): string[] =>
  searchParametersOf(type).flatMap((one) =>
    one.type === 'reference' && ['encounter', 'context'].includes(one.code) ? one.code : [],
  )

export const encounterEverythingDefinition: FaceOperation = {
  id: 'Encounter-everything',
  name: 'Everything',
  description:
    'An encounter and all that is kept here that belongs to it and that whoever asks may see, of the types that the token lets them read.',
  ...{ affectsState: false, code: 'everything', resource: ['Encounter'], type: false, instance: true },
  parameter: everythingParameters,
}

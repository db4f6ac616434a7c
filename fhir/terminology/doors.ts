import type { Door } from '../door.ts'
import type { Interaction } from '../interactions/asked.ts'
import { expand } from './expand.ts'
import { lookup } from './lookup.ts'
import { subsumes } from './subsumes.ts'
import { validateCode } from './validate-code.ts'

/** hl7.org/fhir/R4/terminology-service.html: of the type, and of one resource of it. They change nothing, so they answer GET too. */
export const terminologyDoors: readonly Door[] = [
  ...doorsOf('ValueSet', 'expand', expand),
  ...doorsOf('ValueSet', 'validate-code', validateCode),
  ...doorsOf('CodeSystem', 'validate-code', validateCode),
  ...doorsOf('CodeSystem', 'lookup', lookup, ['type']),
  ...doorsOf('CodeSystem', 'subsumes', subsumes),
]

/** The type is in the address as it is, so whether it may be read is asked here. */
function doorsOf(
  type: string,
  operation: string,
  answer: Interaction,
  levels: readonly ('type' | 'instance')[] = ['type', 'instance'],
): Door[] {
  const interaction: Interaction = (ctx, asked, face) =>
    answer({ ...ctx, actor: asked.admit(type, 'r') }, { ...asked, type }, face)
  return levels.flatMap((level) =>
    (['GET', 'POST'] as const).map((method) => ({
      method,
      url: `/fhir/R4/${type}${level === 'type' ? '' : '/:id'}/$${operation}`,
      name: `fhir ${operation}`,
      letter: undefined,
      interaction,
    })),
  )
}

import type { FaceOperation } from '#platform/fhir-face.ts'
import type { Interaction } from '../interactions/asked.ts'
import type { Coding } from '../resource.ts'
import { changeMeta } from './change-meta.ts'
import { labelKey } from './label-key.ts'
import { metaReturn } from './meta.ts'

/** hl7.org/fhir/R4/resource-operation-meta-delete.html. What is not there need not be taken away. */
export const metaDelete: Interaction = (ctx, asked, face) =>
  changeMeta(ctx, asked, face, (labels, given) => {
    const profiles = new Set(given.profile)
    return {
      profile: labels.profile.filter((one) => !profiles.has(one)),
      security: without(labels.security, given.security),
      tag: without(labels.tag, given.tag),
    }
  })

function without(labels: readonly Coding[], given: readonly Coding[]): Coding[] {
  const gone = new Set(given.map(labelKey))
  return labels.filter((one) => !gone.has(labelKey(one)))
}

export const metaDeleteDefinition: FaceOperation = {
  id: 'Resource-meta-delete',
  name: 'MetaDelete',
  description: 'Takes profiles, tags and security labels away from a resource, as a new version of it.',
  ...{ affectsState: true, code: 'meta-delete', resource: ['Resource'], type: false, instance: true },
  parameter: [
    { name: 'meta', use: 'in', min: 1, max: '1', type: 'Meta', documentation: 'What is to be taken away' },
    metaReturn,
  ],
}

import type { FaceOperation } from '#platform/fhir-face.ts'
import type { Interaction } from '../interactions/asked.ts'
import type { Coding } from '../resource.ts'
import { changeMeta } from './change-meta.ts'
import { labelKey } from './label-key.ts'
import { metaReturn } from './meta.ts'

/** hl7.org/fhir/R4/resource-operation-meta-add.html. */
export const metaAdd: Interaction = (ctx, asked, face) =>
  changeMeta(ctx, asked, face, (labels, given) => ({
    profile: [...new Set([...labels.profile, ...given.profile])],
    security: joined(labels.security, given.security),
    tag: joined(labels.tag, given.tag),
  }))

/** What is there stays as it is. */
function joined(labels: readonly Coding[], given: readonly Coding[]): Coding[] {
  const known = new Set(labels.map(labelKey))
  const added = new Map(given.map((one) => [labelKey(one), one]))
  return [...labels, ...[...added].flatMap(([key, one]) => (known.has(key) ? [] : [one]))]
}

export const metaAddDefinition: FaceOperation = {
  id: 'Resource-meta-add',
  name: 'MetaAdd',
  description: 'Adds profiles, tags and security labels to a resource, as a new version of it.',
  ...{ affectsState: true, code: 'meta-add', resource: ['Resource'], type: false, instance: true },
  parameter: [
    { name: 'meta', use: 'in', min: 1, max: '1', type: 'Meta', documentation: 'What is to be added' },
    metaReturn,
  ],
}

import type { FaceOperation, FaceParameter } from '#platform/fhir-face.ts'
import type { Interaction } from '../interactions/asked.ts'
import { isThere, nowhere } from '../interactions/read.ts'
import { versionHeaders } from '../interactions/shown.ts'
import type { Meta, Resource } from '../resource.ts'
import { readSeen } from '../store/read-seen.ts'

/** hl7.org/fhir/R4/resource-operation-meta.html, of one resource. */
export const meta: Interaction = async (ctx, { type, id }) => {
  const stored = await readSeen(ctx, { type, id })
  if (!stored || !isThere(stored)) throw nowhere()
  const { meta = {} } = JSON.parse(stored.body) as Resource
  return { status: 200, headers: versionHeaders(stored), body: metaText(meta) }
}

export const metaText = (meta: Meta): string =>
  JSON.stringify({ resourceType: 'Parameters', parameter: [{ name: 'return', valueMeta: meta }] })

export const metaReturn: FaceParameter = {
  ...{ name: 'return', use: 'out', min: 1, max: '1', type: 'Meta' },
  documentation: 'The meta of the resource as it is now',
}

export const metaDefinition: FaceOperation = {
  id: 'Resource-meta',
  name: 'Meta',
  description: 'The profiles, tags and security labels of a resource, with its version and when it was changed.',
  ...{ affectsState: false, code: 'meta', resource: ['Resource'], type: false, instance: true },
  parameter: [metaReturn],
}

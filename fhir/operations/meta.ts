import type { FaceOperation, FaceParameter } from '#platform/fhir-face.ts'
import type { Interaction } from '../interactions/asked.ts'
import { permittedTypes } from '../interactions/permitted.ts'
import { isThere, nowhere } from '../interactions/read.ts'
import { versionHeaders } from '../interactions/shown.ts'
import { parseQuery } from '../query/parse-query.ts'
import type { Coding, Meta, Resource } from '../resource.ts'
import { searchParameter } from '../search-parameters.ts'
import { aboutWhom } from '../store/concerns.ts'
import { type MetaOf, metasOf } from '../store/metas.ts'
import { noteSeen } from '../store/note-seen.ts'
import { readSeen } from '../store/read-seen.ts'
import { seerOf } from '../store/seer.ts'
import { labelKey } from './label-key.ts'

/** hl7.org/fhir/R4/resource-operation-meta.html, of one resource. */
export const meta: Interaction = async (ctx, { type, id }) => {
  const stored = await readSeen(ctx, { type, id })
  if (!stored || !isThere(stored)) throw nowhere()
  const { meta = {} } = JSON.parse(stored.body) as Resource
  return { status: 200, headers: versionHeaders(stored), body: metaText(meta) }
}

/** The same of a type, or of all: what any of it has that whoever asks may see. */
export const metaOfAll: Interaction = async (ctx, asked, { base, types }) => {
  const { types: mine, actor } =
    asked.type === '' ? permittedTypes(asked, types, 's') : { types: [asked.type], actor: ctx.actor }
  const given = { base, strict: false, parameters: searchParameter }
  const queries = mine.map((type) => parseQuery([type], new URLSearchParams(), given))
  const seeing = { ...ctx, actor }
  const found = await ctx.database.apart((db) => metasOf(db, queries, seerOf(seeing)))
  await noteSeen(seeing, patientsOf(found))
  return { status: 200, body: metaText(together(found.map(({ meta }) => meta))) }
}

/** Nobody is told which of a patient's resources has a label, and so it is the patient who is noted. */
function patientsOf(found: readonly MetaOf[]) {
  const patients = new Set(found.flatMap(({ about }) => aboutWhom(about)).filter((one) => !one.includes('/')))
  return [...patients].map((id) => ({ type: 'Patient', id, about: [id] }))
}

function together(metas: readonly Meta[]): Meta {
  const distinct = (labels: readonly Coding[]) => [...new Map(labels.map((one) => [labelKey(one), one])).values()]
  const all = {
    profile: [...new Set(metas.flatMap(({ profile = [] }) => profile))],
    security: distinct(metas.flatMap(({ security = [] }) => security)),
    tag: distinct(metas.flatMap(({ tag = [] }) => tag)),
  }
  return Object.fromEntries(Object.entries(all).filter(([, list]) => list.length > 0))
}

/** R4 has no empty meta. */
export function metaText(meta: Meta): string {
  const parameter = [{ name: 'return', valueMeta: meta }]
  return JSON.stringify({ resourceType: 'Parameters', ...(Object.keys(meta).length > 0 && { parameter }) })
}

export const metaReturn: FaceParameter = {
  ...{ name: 'return', use: 'out', min: 1, max: '1', type: 'Meta' },
  documentation: 'The meta as it is now',
}

export const metaDefinition: FaceOperation = {
  id: 'Resource-meta',
  name: 'Meta',
  description:
    'The profiles, tags and security labels of a resource, with its version and when it was changed; of a type, or of all types, those that any resource has that whoever asks may see.',
  ...{ affectsState: false, code: 'meta', resource: ['Resource'], system: true, type: true, instance: true },
  parameter: [{ ...metaReturn, min: 0 }],
}

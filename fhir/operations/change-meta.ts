import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { transact } from '#platform/transaction.ts'
import { ifMatch, isAmong } from '../conditional.ts'
import { writtenOf } from '../face.ts'
import type { Answer, Asked, Face } from '../interactions/asked.ts'
import { isThere, nowhere } from '../interactions/read.ts'
import { versionHeaders } from '../interactions/shown.ts'
import { single } from '../interactions/single.ts'
import type { Coding, Meta, Resource } from '../resource.ts'
import { readSeen } from '../store/read-seen.ts'
import { parametersOf } from './input.ts'
import { metaText } from './meta.ts'

/** What is changed of a meta; its version and time are the store's. */
export interface Labels {
  profile: readonly string[]
  security: readonly Coding[]
  tag: readonly Coding[]
}

const TRIES = 5

/**
 * Writes a new version of a resource with other labels, and answers with its meta; where nothing would be other, nothing is written. Whoever names no version in
 * `If-Match` has it done to whichever is there, also where somebody else writes at the same time.
 */
export async function changeMeta(
  ctx: Context<unknown>,
  asked: Asked,
  face: Face,
  change: (labels: Labels, given: Labels) => Labels,
): Promise<Answer> {
  if (writtenOf.get(asked.type)?.includes('update') === false)
    throw new Problem(
      'business-rule',
      'It follows from what another part of this server keeps, and has no labels of its own.',
      {
        status: 405,
      },
    )
  const given = labelsOf(givenMeta(asked))
  for (let left = asked.headers['if-match'] === undefined ? TRIES : 1; ; left--)
    try {
      return await changeOnce(ctx, asked, face, (labels) => change(labels, given))
    } catch (error) {
      if (error instanceof Problem && error.code === 'lock-error' && left > 1) continue
      // What was done under the same Idempotency-Key is answered as then, whatever has become of the resource since.
      return ctx.once ? transact(ctx, () => Promise.reject(error)) : Promise.reject(error)
    }
}

async function changeOnce(
  ctx: Context<unknown>,
  asked: Asked,
  face: Face,
  change: (labels: Labels) => Labels,
): Promise<Answer> {
  const { type, id, headers } = asked
  const stored = await readSeen(ctx, { type, id })
  if (!stored || !isThere(stored)) throw nowhere()
  const wanted = ifMatch(headers['if-match'])
  if (wanted !== undefined && !isAmong(wanted, String(stored.version)))
    throw new Problem('lock-error', 'It is not there in the version that If-Match names. Read it again.')
  const before = JSON.parse(stored.body) as Resource
  const labels = labelsOf(before.meta)
  const after = change(labels)
  if (JSON.stringify(after) === JSON.stringify(labels)) {
    const same = { status: 200, headers: versionHeaders(stored), body: metaText(before.meta ?? {}) }
    return ctx.once ? transact(ctx, async () => same) : same
  }
  const own = { 'if-match': `W/"${stored.version}"` }
  const write = { ...asked, query: new URLSearchParams(), headers: own, body: withLabels(before, after) }
  return single(ctx, write, { write: { method: 'PUT', interaction: 'update' }, face }, ({ change: done }) => {
    if (!done?.resource) throw new Error('Nothing came of new labels')
    const { version, at, resource } = done
    return { status: 200, headers: versionHeaders({ version, changed_at: at }), body: metaText(resource.meta ?? {}) }
  })
}

function givenMeta({ body }: Asked): Meta {
  const [{ name, valueMeta } = { name: '' }, ...more] = parametersOf(body)
  if (name !== 'meta' || valueMeta === undefined || more.length > 0)
    throw new Problem('invalid', 'The operation takes Parameters with one meta.', {
      errors: [{ pointer: '/body/parameter', detail: 'must be one, named meta, with its valueMeta' }],
    })
  return valueMeta as Meta
}

const labelsOf = ({ profile = [], security = [], tag = [] }: Meta = {}): Labels => ({ profile, security, tag })

function withLabels({ meta, ...resource }: Resource, { profile, security, tag }: Labels): Resource {
  const { profile: _, security: __, tag: ___, ...kept } = meta ?? {}
  const labels = Object.entries({ profile, security, tag }).filter(([, list]) => list.length > 0)
  return { ...resource, meta: { ...kept, ...Object.fromEntries(labels) } } as Resource
}

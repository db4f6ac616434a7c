import { Problem } from '#platform/errors.ts'
import { writeAtOnce } from '../store/at-once.ts'
import { readResource, type Stored } from '../store/read.ts'
import { seerOf } from '../store/seer.ts'
import type { Asked, Interaction } from './asked.ts'
import { changeOf, checked } from './checked.ts'
import { preferred } from './preferred.ts'
import { nowhere } from './read.ts'

/** hl7.org/fhir/R4/http.html#update. An id that is not there yet is the client's own: the resource is created under it. */
export const update: Interaction = async (ctx, asked, face) => {
  const { type, id, body, headers } = asked
  const resource = checked(type, body)
  if (resource.id !== id)
    throw new Problem('invalid', 'The id of the resource is not the one in the address.', {
      errors: [{ pointer: '/body/id', detail: 'must be the id in the address' }],
    })
  const before = await readResource(ctx.db, type, id, seerOf(ctx))
  expectVersion(asked, before)
  const version = (before?.version ?? 0) + 1
  const change = changeOf(resource, { type, id, version, at: ctx.now(), method: 'PUT' }, face)
  if (before) stays(before, change.index.patients)
  try {
    await writeAtOnce(ctx, [change], face.writer)
  } catch (error) {
    // Somebody has this id already whom the caller may not see: it looks as if it were not there, and cannot be had.
    if (!before && error instanceof Problem && error.code === 'lock-error') throw nowhere()
    throw error
  }
  return preferred(change, before?.body ? 200 : 201, headers, face)
}

/** `If-Match`, where it came: 412 where the version is another by now. */
export function expectVersion({ headers }: Pick<Asked, 'headers'>, before: Stored | undefined): void {
  const given = headers['if-match']
  if (given === undefined) return
  const version = /^(?:W\/)?"([^"]{1,20})"$/.exec(given.trim())?.[1]
  if (version === undefined)
    throw new Problem('invalid', 'If-Match must be one ETag as it was given, with its quotes.', {
      errors: [{ pointer: '/headers/if-match', detail: 'must look like W/"3"' }],
    })
  if (version !== String(before?.version))
    throw new Problem('lock-error', 'It is not there in the version that If-Match names. Read it again.')
}

/** What was written about one patient is not made to be about another. */
export function stays({ about }: Stored, patients: readonly string[]): void {
  if (about.length > 0 && !about.every((patient) => patients.includes(patient)))
    throw new Problem(
      'business-rule',
      'This is about another patient than it was. Delete it there, and create it anew.',
      {
        errors: [{ pointer: '/body/subject', detail: 'must stay as it is' }],
      },
    )
}

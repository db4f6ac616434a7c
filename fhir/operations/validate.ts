import type { Actor } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import type { FaceOperation } from '#platform/fhir-face.ts'
import { indexOf } from '../indexing/index-of.ts'
import type { Asked, Face, Interaction } from '../interactions/asked.ts'
import { actorFor } from '../interactions/permitted.ts'
import { isThere, nowhere } from '../interactions/read.ts'
import type { Resource } from '../resource.ts'
import { leadsTo } from '../store/concerns.ts'
import { concernsAt } from '../store/current.ts'
import type { Stored } from '../store/read.ts'
import { readSeen } from '../store/read-seen.ts'
import { seerOf } from '../store/seer.ts'
import { validate as issuesOf } from '../validate.ts'
import { changeFor } from '../writing/change-for.ts'
import { type Mode, validateInput } from './validate-input.ts'

const MOST_ISSUES = 500
const STRUCTURE = 'http://hl7.org/fhir/StructureDefinition/'

interface Told {
  severity: 'error' | 'warning' | 'information'
  code: string
  expression?: readonly string[]
  diagnostics: string
}

/**
 * hl7.org/fhir/R4/resource-operation-validate.html: whether a resource is valid R4, and with a mode whether it could be written so; of an instance without a resource,
 * whether what is there is valid. The answer is 200 and every fault, or one issue that says that there is none.
 */
export const validate: Interaction = async (ctx, asked, face) => {
  const { resource, mode, profiles } = validateInput(asked)
  const actor = admitted(asked, mode)
  const stored = await before({ ...ctx, actor }, asked, { resource, mode })
  const looked = mode === 'delete' ? undefined : (resource ?? JSON.parse(stored?.body ?? 'null'))
  const told = looked === undefined ? [] : await faultsOf(looked, { ctx: { ...ctx, actor }, asked, face, mode, stored })
  const issue = [...told, ...profiles.flatMap((profile) => profileFault(profile, asked.type))]
  const outcome = { resourceType: 'OperationOutcome', issue: issue.length > 0 ? issue : [FAULTLESS] }
  return { status: 200, body: JSON.stringify(outcome) }
}

const FAULTLESS: Told = { severity: 'information', code: 'informational', diagnostics: 'No fault was found.' }

/** Who may do it may ask whether it could be done; without a mode, who may do anything with the type. */
function admitted(asked: Asked, mode: Mode | undefined): Actor {
  const letter = { create: 'c', update: 'u', delete: 'd' } as const
  if (mode) return asked.admit(asked.type, letter[mode])
  const [actor] = (['c', 'u', 'r', 's'] as const).flatMap((one) => actorFor(asked, asked.type, one) ?? [])
  return actor ?? asked.admit(asked.type, 'c')
}

/** What is there already, where that counts; it must be, where nothing else is to be validated. */
async function before(
  ctx: Context<unknown>,
  { type, id, admit }: Asked,
  { resource, mode }: { resource: unknown; mode: Mode | undefined },
): Promise<Stored | undefined> {
  if (id === '' || (resource !== undefined && mode === undefined)) return undefined
  const actor = mode ? ctx.actor : admit(type, 'r')
  const stored = await readSeen({ ...ctx, actor }, { type, id })
  if (mode === 'update') return stored
  if (!stored) throw nowhere()
  if (!isThere(stored)) throw new Problem('deleted', 'This resource has been deleted.')
  return stored
}

interface Around {
  ctx: Context<unknown>
  asked: Asked
  face: Face
  mode: Mode | undefined
  stored: Stored | undefined
}

async function faultsOf(resource: unknown, around: Around): Promise<Told[]> {
  const { type, id } = around.asked
  const issues = issuesOf(resource, { most: MOST_ISSUES, base: around.face.base })
  if (issues.length > 0)
    return issues.map(({ expression, ...issue }) => ({ ...issue, ...(expression.length > 0 && { expression }) }))
  const valid = resource as Resource
  const errors: Told[] = []
  if (valid.resourceType !== type)
    errors.push({ ...ERROR, diagnostics: 'It is not of the type in the address.', expression: [valid.resourceType] })
  if (id !== '' && valid.id !== id)
    errors.push({ ...ERROR, diagnostics: 'Its id is not the one in the address.', expression: [`${type}.id`] })
  return errors.length > 0 ? errors : ruleFaults(valid, around)
}

const ERROR = { severity: 'error', code: 'invalid' } as const

/** What the store would say beyond that: about whom it is, and whether it may become that from what it is. */
async function ruleFaults(
  resource: Resource,
  { ctx, asked: { type, id }, face, mode, stored }: Around,
): Promise<Told[]> {
  if (mode !== 'create' && mode !== 'update') return []
  const entry = {
    ...{ index: 0, type, id: undefined, versionId: undefined, compartment: undefined, query: undefined },
    ...{ ifMatch: undefined, ifNoneMatch: undefined, ifModifiedSince: undefined, ifNoneExist: undefined },
    ...{ method: mode === 'create' ? ('POST' as const) : ('PUT' as const), interaction: mode },
    ...{ resource, fullUrl: undefined },
  }
  const of = await concernsAt(ctx.db, leadsTo(resource, indexOf(resource, face)), seerOf(ctx))
  const before = stored && { ...stored, categories: [], held_by: null }
  try {
    const identity = { type, id: id === '' ? 'new' : id }
    changeFor(entry, { identity, before, at: ctx.now(), face, actor: ctx.actor, of })
    return []
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return [{ severity: 'error', code: error.code, diagnostics: error.message }]
  }
}

/** Profiles are not looked at: to say that it is valid against one would be untrue. R4's own types are what everything is validated against. */
const profileFault = (profile: string, type: string): Told[] =>
  profile === `${STRUCTURE}${type}` || profile === `${STRUCTURE}${type}|4.0.1`
    ? []
    : [{ severity: 'error', code: 'not-supported', diagnostics: 'Profiles are not validated against here.' }]

export const validateDefinition: FaceOperation = {
  id: 'Resource-validate',
  name: 'Validate',
  description:
    'Whether a resource is valid R4: structure, cardinalities, values, required bindings, invariants and the types that references lead to, not profiles; with a mode, also whether it could be written so.',
  ...{ affectsState: false, code: 'validate', resource: ['Resource'], type: true, instance: true },
  parameter: [
    {
      ...{ name: 'resource', use: 'in', min: 0, max: '1', type: 'Resource' },
      documentation: 'Of an instance it may be left out: then what is there is validated',
    },
    {
      ...{ name: 'mode', use: 'in', min: 0, max: '1', type: 'code' },
      documentation: 'create, of a type; update or delete, of an instance',
    },
    {
      ...{ name: 'profile', use: 'in', min: 0, max: '1', type: 'uri' },
      documentation: 'That of a type of R4 alone: others are answered with an error',
    },
    { name: 'return', use: 'out', min: 1, max: '1', type: 'OperationOutcome', documentation: 'Every fault' },
  ],
}

import { projectOwn } from '#fhir/projection/projected.ts'
import type { TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import type { Keeper, Keeping, Named, Shown } from '#platform/keeper.ts'
import { telling } from '#platform/transaction.ts'
import { bringsIn, isAdministrator, notThere } from '../caller.ts'
import type { Tables } from '../database.ts'
import { managesOrganisation } from '../desk/organisations.ts'
import { claimNumber } from '../identifiers.ts'
import { keepsPatient } from '../keep-patient.ts'
import { onlyOnePatient } from '../patients.ts'
import { keepsPractitioner, onlyOnePractitioner } from '../practitioners.ts'
import { placeOf } from '../projection/from-fhir.ts'
import { numberAt, numbersIn, numbersWithin, sealedAt } from '../projection/numbers.ts'
import { projector } from '../projection/projector.ts'
import { keepSaid } from '../projection/queries.ts'
import { refused, saidOf } from '../projection/said.ts'
import { held, type Kept } from '../queries/held.ts'
import { keepOrganisation, keepPlace } from './keep-directory.ts'
import {
  keepPatient,
  keepPractitioner,
  keepRole,
  makePatient,
  unableToMakePatient,
  unableToMakePractitioner,
} from './keep-people.ts'

type Tx = TransactionContext<Tables>

interface Way {
  table: Kept
  /** Why the caller makes none, where that is so. */
  unable(ctx: Tx): Problem | undefined
  /** Whether the caller may change this one. */
  may(ctx: Tx, id: string): boolean | Promise<boolean>
  keep(ctx: Tx, one: Keeping, all: readonly Keeping[]): Promise<unknown>
  /** Makes one, and also says what its resource says beyond the columns, and shows it; else `keep` makes it. */
  make?(ctx: Tx, one: Keeping, said: string): Promise<Shown>
}

/** In the order in which they are written. A patient is changed by whoever keeps the record; an administrator takes it out of use by /v1, with a reason. */
const WAYS: Readonly<Record<string, Way>> = {
  Organization: {
    ...{ table: 'organisation', unable: administratorsOnly },
    ...{ may: managesOrganisation, keep: keepOrganisation },
  },
  Location: { table: 'place', unable: administratorsOnly, may: isAdministrator, keep: keepPlace },
  Practitioner: {
    ...{ table: 'practitioner', unable: unableToMakePractitioner },
    ...{ may: keepsPractitioner, keep: keepPractitioner },
  },
  PractitionerRole: { table: 'practitioner', unable: () => undefined, may: keepsPractitioner, keep: keepRole },
  Patient: {
    ...{ table: 'patient', unable: unableToMakePatient },
    may: async (ctx, id) => (await keepsPatient(ctx, id)) !== undefined,
    ...{ keep: keepPatient, make: makePatient },
  },
}
export const types = Object.keys(WAYS)

const wayOf = (type: string): Way => {
  const way = WAYS[type]
  if (!way) throw new Error(`${type} is not written by FHIR`)
  return way
}

/** FHIR clients write what registry keeps: as /v1 does, by the same people and under the same rules. */
export const keeper: Keeper<Tables> = {
  types,
  refuses: (type, letter) =>
    type === 'RelatedPerson'
      ? 'A RelatedPerson follows from a mandate, on which its two sides agree: see POST /v1/mandates.'
      : letter === 'd'
        ? 'Nothing of this type is deleted: others refer to it. Set it inactive; people are erased by POST /v1/erasures.'
        : undefined,
  idFrom: (resource) =>
    resource.resourceType === 'PractitionerRole'
      ? (resource as { practitioner?: { reference?: string } }).practitioner?.reference
      : undefined,
  hold,
  keep,
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

async function hold(ctx: Tx, wanted: readonly Named[]): Promise<Map<string, boolean>> {
  const found = new Map<string, boolean>()
  for (const type of types) {
    const ids = wanted.filter((one) => one.type === type && UUID.test(one.id)).map(({ id }) => id)
    const { table, may } = wayOf(type)
    if (ids.length === 0) continue
    const there = new Set(await held(ctx.db, table, ids))
    // Asked of who is not there too, so that it takes no longer to be told that of one who is.
    for (const id of ids) {
      const mayChange = isWithin(ctx, { type, id }) && (await may(ctx, id))
      if (there.has(id)) found.set(`${type}/${id}`, mayChange)
    }
  }
  return found
}

/** A token that is bound to one patient changes that one, and nothing else. */
const isWithin = ({ actor: { within } }: Tx, { type, id }: Named): boolean =>
  within === undefined || (type === 'Patient' && id === within)

async function keep(ctx: Tx, wanted: readonly Keeping[]): Promise<Shown[]> {
  const rest: Parameters<typeof keepSaid>[1][number][] = []
  const shown: Shown[] = []
  for (const one of wanted.toSorted((a, b) => types.indexOf(a.type) - types.indexOf(b.type))) {
    const { said, made } = await keepOne(ctx, one, wanted)
    if (made) shown.push(made)
    else rest.push({ type: one.type, id: one.id, resource: said })
  }
  if (rest.length > 0) {
    await keepSaid(ctx.db, rest)
    await projectOwn(ctx, projector)
  }
  return shown
}

interface KeptOne {
  /** What is to be kept of it beside the columns. */
  said: string
  /** Where it is in the store already, with what it said; else both are still to be done. */
  made: Shown | undefined
}

/** One of several. */
export const keepOne = (ctx: Tx, one: Keeping, wanted: readonly Keeping[]): Promise<KeptOne> =>
  telling(
    ctx,
    (error) => located(error, one),
    async (ctx) => {
      if (!one.before) refuseUnable(ctx, one)
      if (!UUID.test(one.id)) throw refused('/id', 'must be a UUID, in small letters')
      const said = saidOf(one.resource, one.before, ctx.config.PUBLIC_URL)
      const { keep, make } = wayOf(one.type)
      const made = make && !one.before ? await make(ctx, one, said) : undefined
      if (!made) await keep(ctx, one, wanted)
      await sealNumbers(ctx, one)
      return { said, made }
    },
  )

function administratorsOnly(ctx: Tx): Problem | undefined {
  return isAdministrator(ctx) || bringsIn(ctx)
    ? undefined
    : new Problem('forbidden', 'None of your roles permits this.')
}

/** Under an id of one's own that is not there nothing is told that would not be told where it is. */
function refuseUnable(ctx: Tx, one: Keeping): void {
  const problem = isWithin(ctx, one)
    ? wayOf(one.type).unable(ctx)
    : new Problem('forbidden', 'Your token is bound to one patient, and makes no other.')
  if (problem) throw one.named ? notThere('resource') : problem
}

/** By oneself, as by /v1: a desk, and an administrator who has not seen the paper, add none. What is brought in loses them: nobody is there who claims them. */
async function sealNumbers(ctx: Tx, { type, id, resource, before }: Keeping): Promise<void> {
  const [within] = numbersWithin(resource)
  if (within !== undefined)
    throw refused(within, 'is a number of a state, tax or insurer: it is sealed, and said of oneself alone')
  const [ofRole] = type === 'PractitionerRole' ? sealedAt(resource) : []
  if (ofRole !== undefined)
    throw refused(ofRole, 'is a number of a state, tax or insurer: it is sealed, and said of the Practitioner')
  if (bringsIn(ctx) || (type !== 'Patient' && type !== 'Practitioner')) return
  const of = type === 'Patient' ? 'patient' : 'practitioner'
  const isOwn = ctx.actor.self[of] === id || (!before && !ctx.actor.roles.includes('clerk'))
  for (const { number, at } of numbersIn(resource))
    try {
      if (!isOwn) throw refused(at, 'is added by whose it is, or by an administrator: POST …/identifiers of /v1')
      await claimNumber(ctx, of, id, number)
    } catch (error) {
      throw isOwn ? numberAt(at, error) : error
    }
}

function idTaken(): Problem {
  return new Problem('conflict', 'Somebody was first with this id. Look at what is there, and send it again.')
}

/** Where a constraint says that it may not be. */
const CONSTRAINTS: Readonly<Record<string, () => Problem>> = {
  patient_one_per_account: onlyOnePatient,
  practitioner_one_per_account: onlyOnePractitioner,
  // Whose id it is, in another role, may be for nobody to know.
  subject_is_one: () => notThere('resource'),
  patient_pkey: idTaken,
  practitioner_pkey: idTaken,
  organisation_pkey: idTaken,
  place_pkey: idTaken,
}

/** With the place of the entry, and in the resource where that is known. */
function located(error: unknown, { at }: Keeping): unknown {
  const problem = CONSTRAINTS[(error as { constraint?: string }).constraint ?? '']?.() ?? error
  if (!(problem instanceof Problem) || problem.status >= 500 || problem.code === 'not-found') return problem
  const errors = (problem.errors ?? []).map(({ pointer, detail }) => ({
    pointer: `${at}${pointer.startsWith('/body') ? placeOf(pointer) : pointer}`,
    detail,
  }))
  return new Problem(problem.code, problem.message, {
    cause: problem,
    errors: errors.length > 0 ? errors : [{ pointer: at, detail: 'is refused' }],
  })
}

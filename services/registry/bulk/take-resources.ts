import { parseExact } from '#fhir/decimal.ts'
import type { Context } from '#platform/context.ts'
import type { KeptResource } from '#platform/keeper.ts'
import type { InputOf, OutputOf } from '#platform/operation.ts'
import type * as contract from '../contract.ts'
import type { Tables } from '../database.ts'
import { projected } from '../projection/projector.ts'
import { takeDirectory } from './take-directory.ts'
import { takePatients } from './take-patients.ts'

/** What an import brings of types that registry keeps, in one transaction; each is taken or not by itself. */
export async function takeResources(
  ctx: Context<Tables>,
  { by, resources }: InputOf<typeof contract.takeResources>['body'],
): Promise<OutputOf<typeof contract.takeResources>> {
  const read = resources.map((text) => parseExact(text) as KeptResource)
  const isPatient = ({ resourceType }: KeptResource) => resourceType === 'Patient'
  const as = by === undefined ? ctx : { ...ctx, actor: { ...ctx.actor, account: by } }
  return projected(as, async (ctx) => {
    const others = await takeDirectory(
      ctx,
      read.filter((one) => !isPatient(one)),
    )
    const patients = await takePatients(ctx, read.filter(isPatient))
    return { items: read.map((one) => (isPatient(one) ? patients : others).shift() ?? { outcome: 'refused' }) }
  })
}

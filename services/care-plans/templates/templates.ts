import type { Static } from 'typebox'
import { findOf, findWithin } from '#fhir/rooms/read.ts'
import { writeResources } from '#fhir/rooms/write.ts'
import { practising } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { transact } from '#platform/transaction.ts'
import type { listTemplates, Template } from '../contract/templates.ts'
import { expectNothing, wrongDays, wrongRange } from '../plans/expect-sound.ts'
import type { CarePlansTables } from '../tables.ts'
import { notThere } from '../viewer.ts'
import { type Facts, templateInFhir, templateOf } from './template-in-fhir.ts'

type Ctx = Context<CarePlansTables>
type Tx = TransactionContext<CarePlansTables>
type Shown = Static<typeof Template>

const OWN = { isHeld: true } as const

/** Of this room alone: a PlanDefinition that somebody else keeps here is no template. */
export async function templateWithin(ctx: Tx, id: string): Promise<Shown | undefined> {
  const [found] = (await findWithin(ctx, 'PlanDefinition', { _id: id }, OWN)).resources
  return found && templateOf(found)
}

const nowhere = () => notThere('template')

export async function read(ctx: Ctx, id: string): Promise<Shown> {
  const [found] = (await findOf(ctx, 'PlanDefinition', { _id: id }, OWN)).resources
  if (!found) throw nowhere()
  return templateOf(found)
}

export async function list(
  ctx: Ctx,
  { code, title, include = 'active', limit = 20, cursor }: Static<typeof listTemplates.query>,
): Promise<Static<typeof listTemplates.response>> {
  const { resources, next } = await findOf(
    ctx,
    'PlanDefinition',
    {
      ...{ _sort: 'title', _count: String(limit) },
      ...(include === 'active' && { status: 'active' }),
      ...(code !== undefined && { context: code }),
      ...(title !== undefined && { 'title:contains': title.replace(/[\\,$|]/g, '\\$&') }),
      ...(cursor !== undefined && { cursor }),
    },
    OWN,
  )
  return { items: resources.map(templateOf), ...(next !== undefined && { next }) }
}

export const create = (ctx: Ctx, facts: Facts): Promise<Shown> =>
  transact(ctx, (ctx) => {
    const by = practising(ctx)
    return write(ctx, facts, {
      id: newId(),
      version: 0,
      status: 'active',
      ...(by !== undefined && { practitioner: by }),
    })
  })

export const change = (ctx: Ctx, id: string, version: number, facts: Facts): Promise<Shown> =>
  transact(ctx, async (ctx) => write(ctx, facts, await ownWithin(ctx, id, version)))

export const retire = (ctx: Ctx, id: string, version: number): Promise<Shown> =>
  transact(ctx, async (ctx) => {
    const template = await ownWithin(ctx, id, version)
    const { id: _id, status: _status, practitioner: _practitioner, version: _version, ...facts } = template
    return write(ctx, facts, { ...template, status: 'retired' })
  })

/** For whoever wrote it, or an administrator, in the version that they have read. */
async function ownWithin(ctx: Tx, id: string, version: number): Promise<Shown> {
  const template = await templateWithin(ctx, id)
  if (!template) throw nowhere()
  const by = practising(ctx)
  if (!ctx.actor.roles.includes('administrator') && (by === undefined || by !== template.practitioner))
    throw new Problem('forbidden', 'A template is changed by whoever wrote it, or by an administrator. Write your own.')
  if (template.version !== version)
    throw new Problem('lock-error', 'The template has changed since you read it. Read it again.', {
      details: { current: `"${template.version}"` },
    })
  if (template.status !== 'active')
    throw new Problem('business-rule', 'This template is out of use, and stays as it is. Write another.')
  return template
}

async function write(
  ctx: Tx,
  facts: Facts,
  { id, version, status, practitioner }: Pick<Shown, 'id' | 'version' | 'status' | 'practitioner'>,
): Promise<Shown> {
  expectNothing([
    ...facts.goals.flatMap(({ targets = [] }, n) =>
      targets.flatMap(({ within }, t) => (within ? wrongRange(within, `/body/goals/${n}/targets/${t}/within`) : [])),
    ),
    ...facts.activities.flatMap(({ schedule }, n) =>
      schedule ? wrongDays(schedule, `/body/activities/${n}/schedule`) : [],
    ),
  ])
  const resource = templateInFhir(facts, {
    ...{ id, version: version + 1, status, practitioner },
    publicUrl: ctx.config.PUBLIC_URL,
  })
  await writeResources(ctx, [{ resource, isHeld: true, ...(version > 0 && { version }) }])
  return { ...facts, id, status, ...(practitioner !== undefined && { practitioner }), version: version + 1 }
}

import type { Context } from '#platform/context.ts'
import { accepted } from '#platform/language.ts'
import { type Exchange, type Route, route } from '#platform/service.ts'
import * as contract from '../contract/prescriptions.ts'
import type { CarePlansTables } from '../tables.ts'
import { change, type Done, prescribe, renew } from './prescribe.ts'
import { list, read } from './read.ts'
import { end, resume } from './status.ts'

type Ctx = Context<CarePlansTables>
interface Params {
  id: string
  prescription: string
}

/** What whoever asks reads, else what this installation speaks; the answer says which. */
function languageOf({ config }: Ctx, { request, reply }: Exchange): string {
  const language = accepted(request.headers['accept-language']) ?? config.DEFAULT_LANGUAGE
  reply.header('content-language', language)
  return language
}

/** As it is from now on, in words. */
async function told(ctx: Ctx, patient: string, done: Promise<Done>, exchange: Exchange) {
  const { id, unchecked } = await done
  const whole = await read(ctx, { patient, id, tag: languageOf(ctx, exchange) })
  return { ...whole, ...(unchecked.length > 0 && { unchecked }) }
}

const of = ({ id, prescription }: Params, version: number) => ({ patient: id, id: prescription, version })

const ending = (
  operation: typeof contract.stopPrescription | typeof contract.holdPrescription | typeof contract.retractPrescription,
  status: 'on-hold' | 'stopped' | 'entered-in-error',
) =>
  route<CarePlansTables, typeof operation>(operation, (ctx, { params, body, ifMatch }, exchange) =>
    told(ctx, params.id, end(ctx, of(params, ifMatch), { status, reason: body.reason }), exchange),
  )

export const prescriptionRoutes: Route<CarePlansTables>[] = [
  route(contract.listPrescriptions, (ctx, { params, query }, exchange) =>
    list(ctx, params.id, { ...query, tag: languageOf(ctx, exchange) }),
  ),
  route(contract.readPrescription, (ctx, { params }, exchange) =>
    read(ctx, { patient: params.id, id: params.prescription, tag: languageOf(ctx, exchange) }),
  ),
  route(contract.createPrescription, (ctx, { params, body }, exchange) =>
    told(ctx, params.id, prescribe(ctx, params.id, body), exchange),
  ),
  route(contract.updatePrescription, (ctx, { params, body, ifMatch }, exchange) =>
    told(ctx, params.id, change(ctx, of(params, ifMatch), body), exchange),
  ),
  route(contract.resumePrescription, (ctx, { params, body, ifMatch }, exchange) =>
    told(ctx, params.id, resume(ctx, of(params, ifMatch), body.overrides), exchange),
  ),
  route(contract.renewPrescription, (ctx, { params, body, ifMatch }, exchange) =>
    told(ctx, params.id, renew(ctx, of(params, ifMatch), body), exchange),
  ),
  ending(contract.holdPrescription, 'on-hold'),
  ending(contract.stopPrescription, 'stopped'),
  ending(contract.retractPrescription, 'entered-in-error'),
]

import type { IncomingHttpHeaders } from 'node:http'
import { faceOf } from '#fhir/face.ts'
import { readWithin } from '#fhir/rooms/read.ts'
import { expectTreats } from '#fhir/rooms/relationship.ts'
import { practising } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { type FieldError, Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { accepted, type Language } from '#platform/language.ts'
import { transact } from '#platform/transaction.ts'
import type { Kind } from './codes.ts'
import { type Making, reportOf } from './composing.ts'
import { contentOf, gatherFor, type Of } from './contents.ts'
import type { Made, Said, Wish } from './facts.ts'
import { keep } from './kept.ts'
import { shown, wholeReport } from './read-report.ts'

/** Frozen and signed, as it will be read from now on. */
export async function make<T>(
  ctx: Context<T>,
  patient: string,
  wish: Wish,
  headers: IncomingHttpHeaders,
): Promise<Made> {
  const practitioner = signerOf(ctx)
  await expectTreats(ctx, patient)
  const { kind, consultation, category, language = languageFor(ctx, headers), ...said } = wish
  checkShape(kind, wish)
  const asked: Of = { kind, patient, practitioner, language, consultation, category, said }
  const gathered = await gatherFor(ctx, asked)
  return transact(ctx, async (ctx) => {
    const id = newId()
    const of = await asVisited(ctx, asked)
    const document = reportOf({
      ...(await around(ctx, of)),
      id,
      version: 1,
      status: 'final',
      content: await contentOf(ctx, of, gathered),
    })
    await keep(ctx, document, { as: new Map([[of.patient, patient]]) })
    return shown(await wholeReport(ctx, id))
  })
}

/** Under the number that the visit names: were a merge undone, the report goes back with it to whom the visit is of. */
async function asVisited<T>(ctx: TransactionContext<T>, of: Of): Promise<Of> {
  if (of.consultation === undefined) return of
  const [visit] = (await readWithin(ctx, [{ type: 'Encounter', id: of.consultation }])).values()
  const patient = (visit?.subject as { reference?: string } | undefined)?.reference?.split('/')[1]
  return patient === undefined ? of : { ...of, patient }
}

/** What a kind of report is of, and says. */
export function checkShape(
  kind: Kind,
  { consultation, letter, leave }: Said & { consultation?: string },
  isNew = true,
): void {
  const errors: FieldError[] = [
    ...(isNew && kind === 'visit' && consultation === undefined
      ? [{ pointer: '/body/consultation', detail: 'says which visit it is of' }]
      : []),
    ...(isNew && kind === 'patient-summary' && consultation !== undefined
      ? [{ pointer: '/body/consultation', detail: 'is of no patient summary' }]
      : []),
    ...belongs('letter', letter, kind === 'referral-letter'),
    ...belongs('leave', leave, kind === 'sick-note'),
    ...(leave && leave.until < leave.from ? [{ pointer: '/body/leave/until', detail: 'is before `from`' }] : []),
  ]
  if (errors.length > 0) throw new Problem('business-rule', 'These do not go together.', { errors })
}

const belongs = (name: string, value: object | undefined, isOfIt: boolean): FieldError[] =>
  (value !== undefined) === isOfIt
    ? []
    : [{ pointer: `/body/${name}`, detail: isOfIt ? 'must be there' : 'is of another kind of report' }]

export const languageFor = ({ config }: Pick<Context, 'config'>, headers: IncomingHttpHeaders): Language =>
  accepted(headers['accept-language']) ?? config.DEFAULT_LANGUAGE

export function signerOf(ctx: Pick<Context, 'actor'>): string {
  const practitioner = practising(ctx)
  if (practitioner === undefined)
    throw new Problem('forbidden', 'Only a practitioner with a verified licence signs reports.')
  return practitioner
}

/** Whom it is about and who signs it, as they are called now. */
export async function around<T>(ctx: TransactionContext<T>, { kind, patient, practitioner, language }: Of) {
  const found = await readWithin(ctx, [
    { type: 'Patient', id: patient },
    { type: 'Practitioner', id: practitioner },
  ])
  return {
    ...{ kind, language, at: ctx.now(), base: faceOf(ctx.config).base },
    patient: found.get(`Patient/${patient}`) ?? { resourceType: 'Patient', id: patient },
    practitioner: found.get(`Practitioner/${practitioner}`) ?? { resourceType: 'Practitioner', id: practitioner },
  } satisfies Partial<Making>
}

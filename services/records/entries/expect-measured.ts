import { isSame } from '#fhir/json-value.ts'
import type { Resource } from '#fhir/resource.ts'
import { readWithin } from '#fhir/rooms/read.ts'
import { CONFIRMED, measuredOf, questionsOf } from '#fhir/vital-signs/observation.ts'
import type { TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import type { RecordsTables } from '../tables.ts'
import { type Body, put } from './fields.ts'
import { resultValue } from './result-value.ts'

/** A vital sign that can hardly be so is asked back, and taken where whoever recorded it has looked again: then it says so. `before`: what it said until now. */
export async function expectMeasured(
  ctx: TransactionContext<RecordsTables>,
  resource: Resource,
  { patient, body, before }: { patient: string; body: Body; before?: Resource },
): Promise<void> {
  const measured = measuredOf(resource)
  if (measured?.value === undefined || (before && isSame(resultValue.read(before), resultValue.read(resource)))) return
  const notes = ((resource.note ?? []) as Body[]).filter(({ text }) => text !== CONFIRMED)
  put(resource, 'note', notes.length > 0 ? notes : undefined) // it was said of another value
  const [person] = (await readWithin(ctx, [{ type: 'Patient', id: patient }])).values()
  const looked = (body.value as Body | undefined)?.confirmed === true
  const ask = (confirmed: boolean) =>
    questionsOf(resource, { bornOn: person?.birthDate, now: ctx.now(), pointer: '/body/value', confirmed })
  const asked = ask(false)
  const open = looked ? ask(true) : asked
  if (open.length > 0)
    throw new Problem('business-rule', 'Look again: correct the value, or send it with `confirmed`. See errors.', {
      errors: open.map(({ pointer, detail }) => ({ pointer: pointer.replace(/value$/, 'number'), detail })),
    })
  if (asked.length > 0) resource.note = [...((resource.note ?? []) as object[]), { text: CONFIRMED }]
}

import { Problem } from '#platform/errors.ts'

// What may follow what on the day, in one place. An appointment has FHIR's words (hl7.org/fhir/R4/valueset-appointmentstatus.html); what is finer is said of
// its entry in the queue. FHIR has no word for somebody who came and left unseen: the appointment is then a `noshow`, since the visit did not take place,
// and the entry says `left`.
//
//   appointment   booked ──arrive──▶ arrived ──fulfil──▶ fulfilled
//                 booked ──no-show─▶ noshow ──arrive──▶ arrived       (the same day, at the desk)
//   entry         waiting ──call──▶ called ──finish──▶ done
//                 called ──put-back──▶ waiting · waiting, called ──leave──▶ left · waiting ──finish──▶ done
//   undo          one step back, on the same day

export type State = 'waiting' | 'called' | 'done' | 'left' | 'withdrawn'
export type Step = 'call' | 'put-back' | 'finish' | 'leave' | 'undo'

/** `reason` is how refusals are counted, as in booking-rules.ts. */
const refusal = (reason: string, message: string) => new Problem('business-rule', message, { reason })

const over: Partial<Record<string, string>> = {
  cancelled: 'This appointment has been cancelled.',
  'entered-in-error': 'This appointment was entered in error.',
  fulfilled: 'This visit has taken place.',
  noshow: 'This appointment is marked as a no-show: check the patient in, or take that back first.',
}

interface Visit {
  status: string
  start_at: Date
  end_at: Date
}

/** Who says it: the desk or the practitioner, or the patient or a caregiver themselves. */
export type By = 'staff' | 'self'

const MINUTE = 60_000

export function checkArrival(
  { status, start_at, end_at }: Visit,
  by: By,
  { today, now, earlyMinutes }: { today: boolean; now: Date; earlyMinutes: number },
): void {
  if (status === 'arrived') throw refusal('arrived', 'This patient has been checked in already.')
  if (status === 'noshow' && by === 'self')
    throw refusal('noshow', 'This visit should have begun a while ago. Please speak to the desk.')
  if (status !== 'booked' && status !== 'noshow') throw refusal('not-booked', over[status] ?? over.fulfilled ?? '')
  if (!today) throw refusal('another-day', 'People are checked in on the day of the appointment.')
  if (by === 'staff') return
  if (now.getTime() < start_at.getTime() - earlyMinutes * MINUTE)
    throw refusal('early', `You can check in ${earlyMinutes} minutes before the appointment at the earliest.`)
  if (now >= end_at) throw refusal('late', 'The time of this appointment is over. Please speak to the desk.')
}

export function checkFulfilment({ status, start_at }: Visit, now: Date): void {
  if (status === 'booked' && now < start_at)
    throw refusal('early', 'This visit has not begun. Check the patient in, if they are here.')
  if (status !== 'booked' && status !== 'arrived') throw refusal('not-open', over[status] ?? '')
}

export function checkNoShow({ status, start_at }: Visit, now: Date): void {
  if (status === 'arrived')
    throw refusal('arrived', 'This patient was checked in: say that they have left, or take the arrival back.')
  if (status !== 'booked') throw refusal('not-booked', over[status] ?? '')
  if (now < start_at) throw refusal('early', 'The visit has not begun, so the patient can still come.')
}

/** Before the step that made it so. `queued`: with an entry in the queue, whose step is taken back together with it. */
export function statusBefore({ status }: Pick<Visit, 'status'>, today: boolean, queued: State | undefined): string {
  if (!['arrived', 'fulfilled', 'noshow'].includes(status))
    throw refusal('nothing-to-undo', over[status] ?? 'Nothing has happened yet that could be taken back.')
  if (!today) throw refusal('another-day', 'Steps are taken back on the same day only.')
  if (status === 'fulfilled' || status === 'noshow') return queued === undefined ? 'booked' : 'arrived'
  return queued === 'called' ? 'arrived' : 'booked'
}

const from: Record<Exclude<Step, 'undo'>, { of: readonly State[]; to: State; else: string }> = {
  call: { of: ['waiting'], to: 'called', else: 'Only somebody who waits can be called.' },
  'put-back': { of: ['called'], to: 'waiting', else: 'Only somebody who was called can be put back.' },
  finish: { of: ['waiting', 'called'], to: 'done', else: 'This visit is over already.' },
  leave: { of: ['waiting', 'called'], to: 'left', else: 'This visit is over already.' },
}

const reasons: Partial<Record<Step, readonly string[]>> = {
  'put-back': ['did-not-answer', 'not-ready', 'called-in-error', 'sent-for-test'],
  leave: ['left-unseen', 'did-not-answer', 'sent-elsewhere', 'other'],
  undo: ['entered-in-error', 'wrong-person', 'came-after-all', 'other'],
}

export function checkReason(step: Step, reason: string | undefined): void {
  const allowed = reasons[step]
  if (!allowed && reason !== undefined) throw refusal('reason', `To ${step} has no reason.`)
  if (allowed && !allowed.includes(reason ?? ''))
    throw refusal('reason', `To ${step} has one of the reasons ${allowed.join(', ')}.`)
}

/** What becomes of a booked visit with it. */
export function statusWith(state: State, before: State): 'booked' | 'arrived' | 'fulfilled' | 'noshow' | undefined {
  if (state === 'done') return 'fulfilled'
  if (state === 'left') return 'noshow'
  if (state === 'withdrawn') return 'booked'
  return before === 'done' || before === 'left' ? 'arrived' : undefined
}

/** What an entry is after a step. `called`: whether it was ever called, which is where taking back the end leads. */
export function stateAfter(state: State, step: Step, called: boolean): State {
  if (step !== 'undo') {
    if (!from[step].of.includes(state)) throw refusal(`not-${step}`, from[step].else)
    return from[step].to
  }
  if (state === 'withdrawn') throw refusal('nothing-to-undo', 'This number has been taken back already.')
  if (state === 'waiting') return 'withdrawn'
  return state === 'called' || !called ? 'waiting' : 'called'
}

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Unfinished, unfinished } from './journal.ts'
import {
  type Colour,
  colours,
  type Entry,
  otherThan,
  type Release,
  type ReleasePlatform,
  type State,
} from './platform.ts'
import type { ReleaseSettings } from './settings.ts'
import { type Step, stepsOf } from './steps.ts'

// plan → expand → start → ready → smoke → load gate → shift 10/50/100 → bake → promote, or roll back → drain → contract → remove.
// Up to the promotion whatever fails gives everything back to the colour that serves; from there on the way is forward only, since the
// contract may have taken away what the old release needs.

export interface Driver {
  platform: ReleasePlatform
  settings: ReleaseSettings
  /** Throws what is wrong with the release behind this origin. `first`: of an installation that is still empty. */
  smoke(origin: string, release: Release, first: boolean): Promise<string>
  loadGate(origin: string): Promise<string>
  say(line: string): void
}

/** `serving`: who has the traffic now. */
export type Outcome = { ended: 'finished' | 'rolled back'; serving: Colour | undefined; reason: string }

interface Course extends Unfinished {
  /** What the release replaces; undefined for the first one. */
  serving: Colour | undefined
}

const ROLL_BACK = 'roll back'
/** A roll back that takes longer has failed, and waits to be run again. */
const ROLL_BACK_SECONDS = 300

/** Releases, or goes on with a release that was interrupted. Resolves when it is finished or rolled back; rejects where it may neither go on nor back. */
export async function release(driver: Driver, wanted: Release): Promise<Outcome> {
  await using lock = await driver.platform.lock()
  const course = await plan(driver, wanted)
  if (course.step === ROLL_BACK) return await giveBack(driver, course, 'the roll back was interrupted')
  for (const step of stepsOf(driver, course)) {
    if (course.done.has(step.name)) continue
    await lock.held()
    const failure = await attempt(driver, course, step)
    if (failure === undefined) continue
    await lock.held()
    if (!step.mayRollBack)
      throw new Error(`${step.name}: ${failure}. The new release serves; run the same again to go on.`)
    return await giveBack(driver, course, `${step.name}: ${failure}`)
  }
  await note(driver, course, 'remove', 'finished', '')
  return { ended: 'finished', serving: course.colour, reason: '' }
}

/** Gives everything back to the colour that served before an interrupted release. */
export async function rollBack(driver: Driver, reason: string): Promise<Outcome> {
  await using _lock = await driver.platform.lock()
  const left = unfinished(await driver.platform.journal.read())
  if (!left) throw new Error('No release is under way. To go back further, release the version that served before.')
  const course = courseOf(left, await driver.platform.state())
  if (left.done.has('promote'))
    throw new Error(`${left.release.version} was promoted already. Run its release again to finish it.`)
  return await giveBack(driver, course, reason)
}

async function plan(driver: Driver, wanted: Release): Promise<Course> {
  const { platform } = driver
  const state = await platform.state()
  const left = unfinished(await platform.journal.read())
  if (left && (left.release.version !== wanted.version || left.release.source !== wanted.source))
    throw new Error(
      `The release of ${left.release.version} was left at '${left.step}'. Run it again to go on with it, or roll it back.`,
    )
  const course = left ? courseOf(left, state) : newCourse(wanted, state)
  driver.say(
    left
      ? `going on with ${wanted.version} at '${left.step}'`
      : `${wanted.version} will be ${course.colour}${course.serving ? `, beside ${state[course.serving].release?.version} as ${course.serving}` : ', the first'}`,
  )
  if (!left) await note(driver, course, 'plan', 'done', JSON.stringify(state))
  return course
}

function courseOf({ id, release, colour, done, step }: Unfinished, state: State): Course {
  const before = otherThan(colour)
  return { id, release, colour, done, step, serving: state[before].release ? before : undefined }
}

function newCourse(wanted: Release, state: State): Course {
  const sharing = colours.filter((colour) => state[colour].share > 0)
  if (sharing.length > 1)
    throw new Error(
      'Both colours have a share of the traffic, and no release is under way: shift to one of them first.',
    )
  const [serving] = sharing
  if (serving && state[serving].release?.version === wanted.version)
    throw new Error(`${wanted.version} serves already, as ${serving}.`)
  const colour = serving ? otherThan(serving) : 'blue'
  return { id: randomUUID(), release: wanted, colour, done: new Set(), step: 'plan', serving }
}

/** Undefined when the step is done, else why it is not. */
async function attempt(driver: Driver, course: Course, step: Step): Promise<string | undefined> {
  try {
    await note(driver, course, step.name, 'begun', '')
    const detail = await within(step)
    await note(driver, course, step.name, 'done', detail)
    driver.say(`${step.name}${detail ? `: ${detail}` : ''}`)
    return undefined
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    await note(driver, course, step.name, 'failed', reason).catch((unwritten) => driver.say(`${unwritten}`))
    driver.say(`${step.name} failed: ${reason}`)
    return reason
  }
}

async function within({ run, limitSeconds }: Pick<Step, 'run' | 'limitSeconds'>): Promise<string> {
  const limit = new AbortController()
  const done = new AbortController()
  const late = sleep(limitSeconds * 1_000, undefined, { signal: done.signal }).then(
    () => {
      const error = new Error(`not done within ${limitSeconds} s`)
      limit.abort(error)
      throw error
    },
    () => '',
  )
  try {
    return await Promise.race([run(limit.signal), late])
  } finally {
    done.abort()
  }
}

async function giveBack(driver: Driver, course: Course, reason: string): Promise<Outcome> {
  const { platform } = driver
  const { colour, serving } = course
  // First of all the public: whatever else fails, they are where they were.
  if (serving) await platform.shift(serving, 100)
  await note(driver, course, ROLL_BACK, 'begun', reason)
  await within({
    limitSeconds: ROLL_BACK_SECONDS,
    async run() {
      await platform.drain(colour)
      await platform.remove(colour)
      return ''
    },
  })
  await note(driver, course, ROLL_BACK, 'rolled back', reason)
  driver.say(`rolled back${serving ? `: ${serving} serves` : ''}`)
  return { ended: 'rolled back', serving, reason }
}

function note(
  { platform }: Driver,
  { id, release, colour }: Course,
  step: string,
  event: Entry['event'],
  detail: string,
): Promise<void> {
  return platform.journal.append({ at: new Date().toISOString(), id, release, colour, step, event, detail })
}

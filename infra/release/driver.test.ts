import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type Driver, release, rollBack } from './driver.ts'
import { fileJournal, unfinished } from './journal.ts'
import type { Colour, Entry, Release, ReleasePlatform, State } from './platform.ts'
import { careful } from './settings.ts'

const first: Release = { version: '1.0.0', source: 'one' }
const second: Release = { version: '2.0.0', source: 'two' }

/** A place to release to that remembers what was asked of it, and does on call what a test plants. */
class Stage implements ReleasePlatform {
  readonly calls: string[] = []
  readonly entries: Entry[] = []
  readonly now: State = { blue: { release: undefined, share: 0 }, green: { release: undefined, share: 0 } }
  /** By name of a call; each happens once. */
  readonly planted = new Map<string, () => void | Promise<void>>()
  readonly origin = 'the public'
  answered = 0
  failing = false
  slow = false
  locked = false
  lost = false
  /** The driver was killed: nothing it would still do happens. */
  killed = false

  async #does(call: string): Promise<void> {
    if (this.killed) throw new Error('killed')
    this.calls.push(call)
    const plant = this.planted.get(call)
    this.planted.delete(call)
    await plant?.()
  }
  async state() {
    return structuredClone(this.now)
  }
  async migrate(_release: Release, stage: 'expand' | 'contract') {
    await this.#does(stage)
    return stage
  }
  async start(colour: Colour, release: Release) {
    await this.#does(`start ${colour}`)
    this.now[colour].release = release
  }
  async unready() {
    await this.#does('ready')
    return undefined
  }
  async preview(colour: Colour) {
    return `preview of ${colour}`
  }
  async shift(colour: Colour, share: number) {
    await this.#does(`shift ${colour} ${share}`)
    this.now[colour].share = share
    this.now[colour === 'blue' ? 'green' : 'blue'].share = 100 - share
  }
  async traffic() {
    this.answered += 100
    return { requests: this.answered, failed: this.failing ? this.answered / 2 : 0, meanMs: this.slow ? 900 : 3 }
  }
  async drain(colour: Colour) {
    await this.#does(`drain ${colour}`)
  }
  async remove(colour: Colour) {
    await this.#does(`remove ${colour}`)
    this.now[colour] = { release: undefined, share: 0 }
  }
  async renewShared() {
    await this.#does('renew')
  }
  journal = {
    read: async () => structuredClone(this.entries),
    append: async (entry: Entry) => {
      if (this.killed) throw new Error('killed')
      this.entries.push(entry)
    },
  }
  async lock() {
    if (this.locked) throw new Error('another release is under way')
    this.locked = true
    return {
      held: async () => {
        if (this.lost) throw new Error('the lock was lost')
      },
      [Symbol.asyncDispose]: async () => {
        this.locked = false
      },
    }
  }
}

function driverOf(stage: Stage, changes: Partial<Driver> = {}): Driver {
  return {
    platform: stage,
    settings: {
      ...careful,
      bakeSeconds: 0,
      minRequests: 100,
      pollMs: 1,
      limits: { short: 1, migrate: 1, ready: 1, drain: 1 },
    },
    smoke: async () => 'well',
    loadGate: async () => 'fast',
    say: () => {},
    ...changes,
  }
}

/** With the first release serving as blue. */
async function served(): Promise<Stage> {
  const stage = new Stage()
  await release(driverOf(stage), first)
  stage.calls.length = 0
  return stage
}

const beside = ['expand', 'start green', 'ready', 'shift green 10', 'shift green 50', 'shift green 100']
const forward = ['renew', 'drain blue', 'contract', 'remove blue']

describe('a release', () => {
  it('goes to the idle colour, in shares, and takes the old one away last', async () => {
    const stage = await served()
    assert.deepEqual(await release(driverOf(stage), second), { ended: 'finished', serving: 'green', reason: '' })
    assert.deepEqual(stage.calls, [...beside, ...forward])
    assert.deepEqual(stage.now.green, { release: second, share: 100 })
    assert.equal(unfinished(stage.entries), undefined)
  })

  it('is refused where it serves already, and while another one is under way', async () => {
    const stage = await served()
    await assert.rejects(release(driverOf(stage), first), /1\.0\.0 serves already, as blue/)
    await using _lock = await stage.lock()
    await assert.rejects(release(driverOf(stage), second), /another release/)
  })

  for (const call of beside)
    it(`gives everything back when '${call}' fails`, async () => {
      const stage = await served()
      stage.planted.set(call, () => {
        throw new Error('planted')
      })
      const { ended, serving, reason } = await release(driverOf(stage), second)
      assert.deepEqual([ended, serving], ['rolled back', 'blue'])
      assert.match(reason, /planted/)
      assert.deepEqual(stage.calls.slice(-3), ['shift blue 100', 'drain green', 'remove green'])
      assert.ok(!stage.calls.includes('contract'))
      assert.deepEqual(stage.now, { blue: { release: first, share: 100 }, green: { release: undefined, share: 0 } })
    })

  it('gives everything back when smoke or load gate refuse it, before it had any traffic', async () => {
    for (const refusal of [
      { smoke: () => Promise.reject(new Error('no sign-in')) },
      { loadGate: () => Promise.reject(new Error('too slow')) },
    ]) {
      const stage = await served()
      assert.equal((await release(driverOf(stage, refusal), second)).ended, 'rolled back')
      assert.deepEqual(
        stage.calls.filter((call) => call.startsWith('shift')),
        ['shift blue 100'],
      )
    }
  })

  it('is tried again where the public asks, and gives everything back when that fails', async () => {
    const stage = await served()
    const origins: string[] = []
    const smoke = async (origin: string) => {
      origins.push(origin)
      if (origin === 'the public') throw new Error('the name leads elsewhere')
      return 'well'
    }
    assert.match((await release(driverOf(stage, { smoke }), second)).reason, /^smoke again: the name leads elsewhere/)
    assert.deepEqual(origins, ['preview of green', 'the public'])
    assert.equal(stage.now.blue.share, 100)
  })

  it('gives everything back when answers fail, are slow, or are too few to judge by', async () => {
    const plants: [RegExp, (stage: Stage) => void][] = [
      [/requests failed/, (stage) => Object.assign(stage, { failing: true })],
      [/900 ms to answer/, (stage) => Object.assign(stage, { slow: true })],
      [
        /too little to judge by|not done within/,
        (stage) => Object.assign(stage, { traffic: async () => ({ requests: 0, failed: 0, meanMs: 0 }) }),
      ],
    ]
    for (const [complaint, plant] of plants) {
      const stage = await served()
      stage.planted.set('shift green 50', () => plant(stage))
      const { ended, reason } = await release(driverOf(stage), second)
      assert.equal(ended, 'rolled back')
      assert.match(reason, complaint)
      assert.equal(stage.now.blue.share, 100)
    }
  })

  it('stops when the release that serves cannot live with the migration', async () => {
    const stage = await served()
    stage.planted.set('expand', () => void Object.assign(stage, { failing: true }))
    const { ended, reason } = await release(driverOf(stage), second)
    assert.equal(ended, 'rolled back')
    assert.match(reason, /^expand: \d+ of \d+ requests failed/)
    assert.ok(!stage.calls.includes('start green'))
  })

  it('fails a step that does not end', async () => {
    const stage = await served()
    stage.planted.set('expand', () => new Promise(() => {}))
    const driver = driverOf(stage)
    driver.settings.limits.migrate = 0.02
    assert.match((await release(driver, second)).reason, /not done within 0\.02 s/)
  })

  for (const call of [...beside, ...forward])
    it(`is gone on with where it was killed: at '${call}'`, async () => {
      const stage = await served()
      stage.planted.set(call, () => {
        stage.killed = true
        throw new Error('killed')
      })
      await assert.rejects(release(driverOf(stage), second), /killed/)
      stage.killed = false
      const earlier = stage.calls.splice(0)
      assert.equal((await release(driverOf(stage), second)).ended, 'finished')
      assert.equal(stage.calls[0], call, 'the step that was interrupted comes first')
      assert.deepEqual([...earlier.slice(0, -1), ...stage.calls], [...beside, ...forward])
    })

  it('that was interrupted keeps another one out, and can be rolled back', async () => {
    const stage = await served()
    stage.planted.set('drain green', () => Promise.reject(new Error('the network is gone')))
    stage.planted.set('shift green 50', () => Promise.reject(new Error('the network is gone')))
    await assert.rejects(release(driverOf(stage), second), /network/)
    await assert.rejects(release(driverOf(stage), { version: '3.0.0', source: 'three' }), /2\.0\.0 was left at/)
    assert.equal((await rollBack(driverOf(stage), 'asked to')).serving, 'blue')
    await assert.rejects(rollBack(driverOf(stage), 'asked to'), /No release is under way/)
  })

  it('whose roll back was interrupted is rolled back when it is run again, and not gone on with', async () => {
    const stage = await served()
    stage.planted.set('shift green 50', () => Promise.reject(new Error('planted')))
    stage.planted.set('drain green', () => Promise.reject(new Error('the network is gone')))
    await assert.rejects(release(driverOf(stage), second), /network/)
    assert.equal(stage.now.blue.share, 100)
    assert.equal((await release(driverOf(stage), second)).ended, 'rolled back')
    assert.deepEqual(stage.now.green, { release: undefined, share: 0 })
    assert.deepEqual(
      stage.calls.filter((call) => call === 'shift green 50'),
      ['shift green 50'],
    )
  })

  it('does nothing more once its lock was lost, not even a roll back', async () => {
    const stage = await served()
    stage.planted.set('shift green 10', () => void Object.assign(stage, { lost: true }))
    await assert.rejects(release(driverOf(stage), second), /the lock was lost/)
    assert.equal(stage.calls.at(-1), 'shift green 10')
    const failing = await served()
    failing.planted.set('shift green 10', () => {
      failing.lost = true
      throw new Error('planted')
    })
    await assert.rejects(release(driverOf(failing), second), /the lock was lost/)
    assert.equal(failing.calls.at(-1), 'shift green 10')
  })

  it('is not rolled back once it was promoted', async () => {
    const stage = await served()
    stage.planted.set('contract', () => Promise.reject(new Error('a lock')))
    await assert.rejects(release(driverOf(stage), second), /contract: a lock\. The new release serves/)
    await assert.rejects(rollBack(driverOf(stage), 'asked to'), /promoted already/)
    assert.equal((await release(driverOf(stage), second)).ended, 'finished')
  })
})

describe('the audit file', () => {
  it('reads over half a line that a killed driver left', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'openhcs-journal-'))
    try {
      const path = join(folder, 'audit/releases.ndjson')
      const journal = fileJournal(path)
      const entry: Entry = {
        at: '2031-03-01T08:00:00Z',
        id: '1',
        release: first,
        colour: 'blue',
        step: 'plan',
        event: 'done',
        detail: '',
      }
      await journal.append(entry)
      writeFileSync(path, `${readFileSync(path, 'utf8')}{"at":"2031-`)
      await journal.append({ ...entry, step: 'expand' })
      assert.deepEqual(
        (await journal.read()).map(({ step }) => step),
        ['plan', 'expand'],
      )
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

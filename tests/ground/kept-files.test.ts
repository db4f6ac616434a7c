import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Client } from '#platform/testing.ts'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { type KeyAgent, openKeyAgent } from '../key-agent.ts'
import { type FakeS3, openS3 } from '../s3.ts'

// A record refers to a file in a bucket. Neither knows the other's transactions: what is left where one of the two fails.

const NOW = '2031-03-01T08:00:00Z'
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const otherPng = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
)

interface Stage extends AsyncDisposable {
  house: TestHouse
  s3: FakeS3
  agent: KeyAgent
  hana: Client
  path: string
  logged: string[]
  upload(picture?: Buffer): Promise<{ status: number; body: { code?: string } }>
  /** What waits to be looked at. */
  noted(): Promise<number>
  /** The hourly job. */
  dropFiles(): Promise<void>
  /** An hour on, in which nobody has put an object. */
  hourLater(): void
}

async function openStage(): Promise<Stage> {
  const s3 = await openS3('fictional')
  const agent = await openKeyAgent(s3.sessions)
  const logged: string[] = []
  const env = {
    S3_BUCKET: s3.bucket,
    S3_ENDPOINT: s3.url,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: agent.url,
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: agent.tokenFile,
  }
  const house = await openTestHouse(everything, { now: NOW, env, log: (line) => logged.push(line) })
  const hana = await house.signedIn()
  const { id } = (await hana.post('/v1/caregivers', { name: 'Hana', language: 'am' })).body
  const path = `/v1/caregivers/${id}/photo`
  let now = new Date(NOW)
  return {
    house,
    s3,
    agent,
    hana,
    path,
    logged,
    upload: (picture = png) => hana.upload(path, 'image/png', picture),
    noted: async () => (await house.owner.query('select from registry.file_unused')).rowCount ?? 0,
    dropFiles: async () => {
      await house.house.tasks()['registry:drop-files']?.({}, { job: {} } as never)
    },
    hourLater() {
      for (const key of s3.times.keys()) s3.times.set(key, new Date(0))
      now = new Date(now.getTime() + 3_600_000)
      house.setNow(now.toISOString())
    },
    async [Symbol.asyncDispose]() {
      await house[Symbol.asyncDispose]()
      await agent[Symbol.asyncDispose]()
      await s3[Symbol.asyncDispose]()
    },
  }
}

describe('a file and the record that refers to it', () => {
  it('are both there, or neither: an upload that the store or the agent refuses changes nothing, and can be sent again', async () => {
    await using stage = await openStage()
    const { s3, agent, hana, path, upload, logged } = stage
    const faults: [set: () => void, words: RegExp][] = [
      [() => Object.assign(agent, { instead: (response: never) => refuseAll(response) }), /Is the agent there/],
      [() => Object.assign(agent, { instead: undefined }) && Object.assign(s3, { bucket: 'other' }), /Make the bucket/],
      [() => Object.assign(s3, { bucket: 'openhcs', status: 403, code: 'AccessDenied' }), /See what the policies/],
      [() => Object.assign(s3, { status: 503, code: 'SlowDown' }), /fewer requests/],
    ]
    for (const [set, words] of faults) {
      set()
      logged.length = 0
      const refused = await upload()
      assert.deepEqual([refused.status, refused.body.code], [503, 'transient'])
      assert.doesNotMatch(JSON.stringify(refused.body), /S3|bucket|agent|polic/i)
      assert.match(logged.join(''), words)
      assert.doesNotMatch(logged.join(''), /secret-\d|token\/\d|header\.first/)
      assert.equal((await hana.get(path)).status, 404)
    }
    s3.status = undefined
    assert.equal((await upload()).status, 204)
    assert.equal((await hana.get(path)).status, 200)
    stage.hourLater()
    await stage.dropFiles()
    assert.deepEqual([s3.objects.size, await stage.noted()], [1, 0])
    assert.equal((await hana.get(path)).status, 200)
  })

  it('leave nothing behind where the record fails after the file was kept', async () => {
    await using stage = await openStage()
    const { s3, house, upload } = stage
    await house.owner.query('alter table registry.caregiver add constraint without_photo check (photo_key is null)')
    s3.before = async (method) => {
      if (method === 'PUT') await stage.dropFiles() // which finds nothing yet, and must not forget
    }
    assert.equal((await upload()).status, 422)
    assert.deepEqual([s3.objects.size, await stage.noted()], [1, 1])
    stage.hourLater()
    await stage.dropFiles()
    assert.deepEqual([s3.objects.size, await stage.noted()], [0, 0])
  })

  it('part when the record has another file: the former goes, unless somebody else has the same', async () => {
    await using stage = await openStage()
    const { s3, upload, hana, path } = stage
    await upload(png)
    stage.hourLater()
    await stage.dropFiles()
    await upload(otherPng)
    assert.deepEqual([s3.objects.size, await stage.noted()], [2, 2])
    stage.hourLater()
    await stage.dropFiles()
    assert.deepEqual([s3.objects.size, await stage.noted()], [1, 0])
    assert.equal((await hana.get(path)).status, 200)
  })

  it('stay under watch when the file is kept again while the former is being removed', async () => {
    await using stage = await openStage()
    const { s3, house, upload } = stage
    await upload(png)
    await upload(otherPng)
    s3.before = async (method) => {
      if (method === 'DELETE') await house.owner.query("update registry.file_unused set since = '2031-03-01T08:59:00Z'")
    }
    stage.hourLater()
    await stage.dropFiles()
    assert.equal(await stage.noted(), 1)
  })

  it('that lost each other are told apart: a file that is gone, and a store that is', async () => {
    await using stage = await openStage()
    const { s3, upload, hana, path, logged } = stage
    await upload()
    s3.bucket = 'other'
    assert.equal((await hana.get(path)).status, 503)
    s3.bucket = 'openhcs'
    s3.objects.clear()
    assert.equal((await hana.get(path)).status, 404)
    assert.match(logged.join(''), /a stored file is missing/)
  })
})

const refuseAll = (response: { writeHead(status: number): { end(): void } }) => response.writeHead(500).end()

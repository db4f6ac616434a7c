import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { handedOutKeys, mayHandOutKeys } from '#platform/aws-credentials.ts'
import { loadConfig } from '#platform/config.ts'
import type { Files } from '#platform/files.ts'
import { filesInS3 } from '#platform/s3-files.ts'
import { type KeyAgent, openKeyAgent } from '../key-agent.ts'
import { type FakeS3, openS3 } from '../s3.ts'

const HOUR = 3_600_000
const absent = '0'.repeat(64)

interface Stage extends AsyncDisposable {
  s3: FakeS3
  agent: KeyAgent
  files: Files
  warnings: unknown[]
  /** Moves the clock that all three have. */
  pass(ms: number): void
}

async function openStage(): Promise<Stage> {
  const opened = Date.now()
  let passed = 0
  const now = () => opened + passed
  const s3 = await openS3('fictional-secret')
  const agent = await openKeyAgent(s3.sessions, now)
  const warnings: unknown[] = []
  const log = { warn: (...given: unknown[]) => warnings.push(given) } as never
  const credentials = handedOutKeys(agent, { now, log })
  const files = filesInS3({ endpoint: s3.url, region: 'eu-test-1', bucket: 'openhcs', credentials })
  return {
    s3,
    agent,
    files,
    warnings,
    pass(ms) {
      passed += ms
      for (const session of s3.sessions.values()) session.endsAt -= ms // the store's clock is the real one, by which requests are signed
    },
    async [Symbol.asyncDispose]() {
      await s3[Symbol.asyncDispose]()
      await agent[Symbol.asyncDispose]()
    },
  }
}

/** What is in the log of a request that came to this: the message of the cause, and of its causes. */
async function causeOf(asked: Promise<unknown>): Promise<string> {
  const error = await asked.then(
    () => assert.fail('it was answered'),
    (thrown: Error & { code: string }) => thrown,
  )
  assert.deepEqual([error.code, error.message], ['transient', 'The file store does not answer. Try again.'])
  const causes: string[] = []
  for (let cause = error.cause as Error | undefined; cause; cause = cause.cause as Error | undefined)
    causes.push(String(cause.stack))
  return causes.join('\n')
}

describe('keys of a role', () => {
  it('sign together with their token, and are asked for once however many want them', async () => {
    await using stage = await openStage()
    const { files, agent, s3 } = stage
    const gate = Promise.withResolvers<void>()
    agent.held = gate.promise
    const all = Promise.all(['a', 'b', 'c'].map((text) => files.put(Buffer.from(text))))
    gate.resolve()
    await all
    await files.put(Buffer.from('d'))
    assert.equal(agent.asked, 1)
    assert.deepEqual(s3.believed, Array(4).fill('ASIAFICTION1'))
    assert.equal(s3.refused, 0)
  })

  it('are asked for again before they end, with the token that is in the file by then', async () => {
    await using stage = await openStage()
    const { files, agent, s3 } = stage
    await files.get(absent)
    await agent.rotate('header.second.signature')
    stage.pass(6 * HOUR - 300_001)
    await files.get(absent)
    assert.equal(agent.asked, 1)
    stage.pass(1)
    await files.get(absent)
    assert.deepEqual(s3.believed, ['ASIAFICTION1', 'ASIAFICTION1', 'ASIAFICTION2'])
    assert.deepEqual(stage.warnings, [])
  })

  it('hold until they end while the agent is away, which is logged, and asked of it now and then', async () => {
    await using stage = await openStage()
    const { files, agent, s3 } = stage
    await files.get(absent)
    agent.instead = (response) => response.writeHead(500).end()
    stage.pass(6 * HOUR - 60_000)
    await files.get(absent)
    await files.get(absent)
    assert.equal(agent.asked, 2)
    assert.match(String(stage.warnings), /could not be renewed; those at hand still hold/)
    stage.pass(10_000)
    await files.get(absent)
    assert.equal(agent.asked, 3)
    stage.pass(50_000)
    assert.match(await causeOf(files.get(absent)), /answered 500\. Is the agent there/)
    assert.equal(s3.refused, 0, 'keys that have ended are not shown to the store')
    agent.instead = undefined
    await files.get(absent)
    assert.equal(s3.believed.length, 5)
  })

  it('that hold for less than that are used for half of it, and those that have ended not at all', async () => {
    await using stage = await openStage()
    const { files, agent } = stage
    agent.lifeMs = 60_000
    await files.get(absent)
    await files.get(absent)
    assert.equal(agent.asked, 1)
    agent.lifeMs = -1
    stage.pass(61_000)
    assert.match(await causeOf(files.get(absent)), /have ended already\. The clock of this machine/)
  })

  it('are given up when the store does not believe them, so that the next request has others', async () => {
    await using stage = await openStage()
    const { files, agent, s3 } = stage
    await files.get(absent)
    s3.sessions.clear()
    s3.sessions.set('ASIAFICTION1', { secret: 'secret-1', token: 'token/1+=', endsAt: 0 })
    assert.match(await causeOf(files.get(absent)), /answered 400 ExpiredToken to GET\. The next request asks for new/)
    await files.get(absent)
    assert.equal(agent.asked, 2)
    s3.status = 403
    s3.code = 'AccessDenied'
    assert.match(await causeOf(files.get(absent)), /403 AccessDenied to GET\. See what the policies/)
    s3.status = undefined
    await files.get(absent)
    assert.equal(agent.asked, 2, 'those it believes, and may not serve, are kept')
  })

  it('show nothing of a secret where the agent answers something else, or sends us elsewhere', async () => {
    await using stage = await openStage()
    const { files, agent } = stage
    const halves = ['canary', '{"SecretAccessKey":"canary"', '{"AccessKeyId":"canary","SecretAccessKey":"canary"}', '']
    for (const half of halves) {
      agent.instead = (response) => response.writeHead(200).end(half)
      const cause = await causeOf(files.get(absent))
      assert.match(cause, /are no keys/)
      assert.doesNotMatch(cause, /canary/)
    }
    agent.instead = (response) => response.writeHead(401).end('canary')
    assert.match(await causeOf(files.get(absent)), /answered 401\. Is the agent there(?!.*canary)/s)
    const before = agent.asked
    agent.instead = (response) => response.writeHead(302, { location: agent.url }).end()
    assert.match(await causeOf(files.get(absent)), /answered 302/)
    assert.equal(agent.asked, before + 1)
  })

  it('need a token that can be read and sent, which no error shows', async () => {
    await using stage = await openStage()
    const { files, agent } = stage
    for (const token of ['canary\r\nx-other: 1', '', 'canary ñ']) {
      await writeFile(agent.tokenFile, token)
      const cause = await causeOf(files.get(absent))
      assert.match(cause, /There is no token in/)
      assert.doesNotMatch(cause, /canary/)
    }
    await rm(agent.tokenFile)
    assert.match(await causeOf(files.get(absent)), /cannot be read: ENOENT/)
    assert.equal(agent.asked, 0)
  })

  it('come by TLS, or in the clear from this machine and the addresses of AWS alone', () => {
    const near = [
      'http://169.254.170.23/v1/credentials',
      'http://[fd00:ec2::23]/v1/credentials',
      'http://169.254.170.2/v2/credentials/x',
      'http://127.0.0.1:51679/x',
      'http://127.1/x',
      'http://[::1]:8080/',
      'https://keys.example/x',
    ]
    for (const url of near) assert.ok(mayHandOutKeys(url), url)
    const far = [
      'http://169.254.169.254/latest/meta-data/iam/security-credentials/',
      'http://169.254.170.23.example/x',
      'http://169.254.170.23@10.0.0.1/x',
      'http://user@169.254.170.23/x',
      'http://10.0.0.1/x',
      'http://0.0.0.0/x',
      'http://0xa9fea9fe/x',
      'http://localhost/x',
      'http://[fd00:ec2::254]/x',
      'http://[::ffff:10.0.0.1]/x',
      'ftp://127.0.0.1/x',
      'file:///etc/passwd',
      '169.254.170.23',
    ]
    for (const url of far) assert.ok(!mayHandOutKeys(url), url)
  })

  it('are taken where no key is set: whole, and from such an address', () => {
    const env = { OPENHCS_SECRET_KEY: '0'.repeat(64), S3_BUCKET: 'b' }
    const url = 'http://169.254.170.23/v1/credentials'
    const role = { AWS_CONTAINER_CREDENTIALS_FULL_URI: url, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/run/token' }
    assert.deepEqual(loadConfig({ ...env, ...role }).s3?.keys, { url, tokenFile: '/run/token' })
    const own = { S3_ACCESS_KEY_ID: 'a', S3_SECRET_ACCESS_KEY: 'hidden' }
    assert.ok('id' in (loadConfig({ ...env, ...role, ...own }).s3?.keys ?? {}), 'a key that is set comes first')
    assert.throws(() => loadConfig({ ...env, ...role, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '' }), /S3_BUCKET: needs/)
    assert.throws(() => loadConfig({ ...env, ...role, S3_ACCESS_KEY_ID: 'a' }), /S3_BUCKET: needs/)
    const far = { ...role, AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.169.254/x' }
    assert.throws(() => loadConfig({ ...env, ...far }), /FULL_URI: must be https/)
    assert.equal(loadConfig({ OPENHCS_SECRET_KEY: env.OPENHCS_SECRET_KEY, ...far }).s3, undefined)
  })
})

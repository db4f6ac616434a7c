import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { fixedKeys } from '#platform/aws-credentials.ts'
import { loadConfig } from '#platform/config.ts'
import { filesInS3 } from '#platform/s3-files.ts'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { freePort } from '../processes.ts'
import { openS3 } from '../s3.ts'

const secretAccessKey = 'fictional-secret'
const credentials = fixedKeys({ accessKeyId: 'fictional', secretAccessKey })
const settings = { region: 'eu-test-1', bucket: 'openhcs', credentials }

async function textOf(found: { stream: NodeJS.ReadableStream } | undefined): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of found?.stream ?? []) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

/** The words for the log of what comes to a client as transient. */
async function faultOf(asked: Promise<unknown>): Promise<string> {
  const { code, cause } = await asked.then(
    () => assert.fail('it was answered'),
    (error: Error & { code: string }) => error,
  )
  assert.equal(code, 'transient')
  return (cause as Error).message
}

describe('files in an S3-compatible store', () => {
  it('are kept by path under the hash of their content, signed, and given back', async () => {
    await using s3 = await openS3(secretAccessKey)
    const files = filesInS3({ ...settings, endpoint: s3.url })
    const key = await files.put(Buffer.from('a certificate'))
    assert.equal(key, createHash('sha256').update('a certificate').digest('hex'))
    assert.deepEqual([...s3.objects.keys()], [`/openhcs/${key.slice(0, 2)}/${key}`])
    const found = await files.get(key)
    assert.equal(found?.bytes, 13)
    assert.equal(await textOf(found), 'a certificate')
    assert.equal(await files.put(Buffer.from('a certificate')), key)
    assert.equal(s3.refused, 0)
  })

  it('that are not there, or could not be, are undefined', async () => {
    await using s3 = await openS3(secretAccessKey)
    const files = filesInS3({ ...settings, endpoint: s3.url })
    assert.equal(await files.get('0'.repeat(64)), undefined)
    assert.equal(await files.get('../../etc/passwd'), undefined)
  })

  it('answer 503 where the store refuses, fails or is away, and say nothing of it', async () => {
    await using s3 = await openS3(secretAccessKey)
    const other = fixedKeys({ accessKeyId: 'fictional', secretAccessKey: 'other' })
    const wrong = filesInS3({ ...settings, credentials: other, endpoint: s3.url })
    await assert.rejects(wrong.put(Buffer.from('x')), { code: 'transient' })
    assert.equal(s3.refused, 1)
    assert.equal(s3.objects.size, 0)
    const files = filesInS3({ ...settings, endpoint: s3.url })
    s3.status = 500
    await assert.rejects(files.get('0'.repeat(64)), { code: 'transient' })
    const away = filesInS3({ ...settings, endpoint: `http://127.0.0.1:${await freePort()}` })
    await assert.rejects(away.put(Buffer.from('x')), { code: 'transient', message: /does not answer/ })
  })

  it('say what is wrong to whoever runs this: in the cause, which is logged and not sent', async () => {
    await using s3 = await openS3(secretAccessKey)
    const files = filesInS3({ ...settings, endpoint: s3.url })
    const key = await files.put(Buffer.from('x'))
    const told: [status: number, code: string, words: RegExp][] = [
      [403, 'AccessDenied', /403 AccessDenied to GET\. See what the policies/],
      [403, 'InvalidAccessKeyId', /does not know this key/],
      [403, 'SignatureDoesNotMatch', /is not the secret of S3_ACCESS_KEY_ID/],
      [301, 'PermanentRedirect', /301 PermanentRedirect to GET\. Set S3_REGION/],
      [400, 'AuthorizationHeaderMalformed', /Set S3_REGION/],
      [503, 'SlowDown', /503 SlowDown to GET\. It asks for fewer/],
      [502, 'Novelty', /502 Novelty to GET\. It asks for fewer/],
      [404, 'Novelty', /404 Novelty to GET\. See S3_ENDPOINT/],
      [418, '"/><script>', /answered 418 to GET\. See S3_ENDPOINT/],
    ]
    for (const [status, code, words] of told) {
      Object.assign(s3, { status, code })
      assert.match(await faultOf(files.get(key)), words)
    }
    const away = filesInS3({ ...settings, endpoint: `http://127.0.0.1:${await freePort()}` })
    assert.match(await faultOf(away.get(key)), /does not answer: ECONNREFUSED\. See S3_ENDPOINT, and what is between/)
  })

  it('know a bucket that is not there from an object that is not', async () => {
    await using s3 = await openS3(secretAccessKey)
    const files = filesInS3({ ...settings, endpoint: s3.url })
    const key = await files.put(Buffer.from('x'))
    s3.bucket = 'another'
    for (const asked of [() => files.get(key), () => files.put(Buffer.from('x')), () => files.remove(key)])
      assert.match(await faultOf(asked()), /404 NoSuchBucket to [A-Z]+\. Make the bucket, or correct S3_BUCKET/)
    s3.bucket = 'openhcs'
    s3.times.set(`/openhcs/${key.slice(0, 2)}/${key}`, new Date(Date.now() - 3_600_001))
    assert.equal(await files.remove(key), true)
    assert.equal(s3.objects.size, 0)
    assert.equal(await files.remove(key), true)
  })

  it('say when the clock is wrong, by which requests are signed', async () => {
    await using s3 = await openS3(secretAccessKey)
    s3.now = () => Date.now() + 3_600_000
    const files = filesInS3({ ...settings, endpoint: s3.url })
    assert.match(
      await faultOf(files.put(Buffer.from('x'))),
      /403 RequestTimeTooSkewed to PUT\. The clock of this machine/,
    )
  })

  it('are where a house keeps uploads, once its settings name a bucket', async () => {
    await using s3 = await openS3(secretAccessKey)
    await using house = await openTestHouse(everything, {
      env: {
        S3_BUCKET: 'openhcs',
        S3_ENDPOINT: s3.url,
        S3_REGION: 'eu-test-1',
        S3_ACCESS_KEY_ID: 'fictional',
        S3_SECRET_ACCESS_KEY: secretAccessKey,
      },
    })
    const hana = await house.signedIn()
    const { id } = (await hana.post('/v1/caregivers', { name: 'Hana', language: 'am' })).body
    const png = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    )
    assert.equal((await hana.upload(`/v1/caregivers/${id}/photo`, 'image/png', png)).status, 204)
    assert.equal(s3.objects.size, 1)
    assert.equal((await hana.get(`/v1/caregivers/${id}/photo`)).status, 200)
  })

  it('need both keys, which print as ***', () => {
    const env = { OPENHCS_SECRET_KEY: '0'.repeat(64), S3_BUCKET: 'b' }
    assert.throws(() => loadConfig(env), /S3_ACCESS_KEY_ID/)
    const config = loadConfig({ ...env, S3_ACCESS_KEY_ID: 'a', S3_SECRET_ACCESS_KEY: 'hidden' })
    assert.equal(config.s3?.endpoint, 'https://s3.us-east-1.amazonaws.com')
    assert.doesNotMatch(JSON.stringify(config), /hidden/)
  })
})

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { isTextProvider, smppSettings } from '#platform/text-providers.ts'
import { openSmsc } from '#tests/smsc.ts'
import { openConnection } from './connection.ts'

const OPENSSL = '/usr/bin/openssl'

/** Of nobody's authority. */
function certificate(): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'openhcs-smsc-'))
  const [key, cert] = [join(folder, 'key'), join(folder, 'cert')]
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  execFileSync(OPENSSL, ['req', '-x509', ...kind, ...names, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  const pair = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  rmSync(folder, { recursive: true })
  return pair
}

describe('smpps://', { skip: existsSync(OPENSSL) ? false : 'left out: openssl, which is not here' }, () => {
  it('binds over TLS, and to nobody whose certificate is not known', async () => {
    const tls = certificate()
    await using smsc = await openSmsc({ tls })
    const settings = smppSettings(new URL(smsc.url))
    await assert.rejects(
      openConnection(settings, async () => 0),
      { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    )
    assert.equal(smsc.binds.length, 0)
    const known = getCACertificates()
    setDefaultCACertificates([...known, tls.cert])
    try {
      const connection = await openConnection(settings, async () => 0)
      assert.equal(smsc.bound.length, 1)
      await connection.close()
    } finally {
      setDefaultCACertificates(known)
    }
  })
})

describe('SMS_PROVIDERS', () => {
  for (const [url, right] of [
    ['smpp://id:secret@smsc.example?from=CLINIC', true],
    ['smpps://id:secret@[2001:db8::7]:3551?from=%2B12025550147&long=payload&ids=hex-decimal&window=50', true],
    ['smpp://smsc.example?from=CLINIC', false],
    ['smpp://id:secret@?from=CLINIC', false],
    ['smpp://longer-than-fifteen:secret@smsc.example', false],
    ['smpp://id:secret@smsc.example?from=A%00B', false],
    ['smpp://id:%@smsc.example', false],
    ['smpp://id:secret@smsc.example?windows=10', false],
    ['smpp://id:secret@smsc.example?window=0', false],
    ['smpp://id:secret@smsc.example?long=sar', false],
    ['smtp://id:secret@smsc.example', false],
  ] as const)
    it(`${right ? 'may' : 'may not'} name ${url}`, () => assert.equal(isTextProvider(url), right))
})

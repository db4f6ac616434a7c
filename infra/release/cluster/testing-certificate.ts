import { generateKeyPairSync, sign } from 'node:crypto'

// A certificate that nobody but a test trusts, made without a program that a machine may lack: the few parts of X.509 that TLS looks at.

const SEQUENCE = 0x30
const OID = 0x06
const of = (tag: number, ...parts: (Buffer | string)[]): Buffer => {
  const content = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)))
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}
const hex = (text: string) => Buffer.from(text, 'hex')

const ECDSA_WITH_SHA256 = of(SEQUENCE, of(OID, hex('2a8648ce3d040302')))
const VALIDITY = of(SEQUENCE, of(0x17, '250101000000Z'), of(0x17, '491231235959Z'))

/** Signed by itself, for one name. */
export function ownCertificate(name: string): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const subject = of(SEQUENCE, of(0x31, of(SEQUENCE, of(OID, hex('550403')), of(0x0c, name))))
  const alternativeName = of(SEQUENCE, of(OID, hex('551d11')), of(0x04, of(SEQUENCE, of(0x82, name))))
  const unsigned = of(
    SEQUENCE,
    of(0xa0, of(0x02, hex('02'))), // version 3
    of(0x02, hex('01')), // serial number
    ECDSA_WITH_SHA256,
    ...[subject, VALIDITY, subject], // issued by itself
    publicKey.export({ type: 'spki', format: 'der' }),
    of(0xa3, of(SEQUENCE, alternativeName)),
  )
  const signature = of(0x03, hex('00'), sign('sha256', unsigned, privateKey))
  const lines =
    of(SEQUENCE, unsigned, ECDSA_WITH_SHA256, signature)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
  }
}

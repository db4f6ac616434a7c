import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Config } from '#platform/config.ts'
import { keysFor } from '#platform/purpose-keys.ts'
import { FILE_URL, LINK_URL } from './addresses.ts'

type Keys = Pick<Config, 'secretKey' | 'formerSecretKey'>

/** Wrong passcodes in the whole life of a link: of four digits one in a thousand is guessed. */
export const ATTEMPTS = 10

export const addressOf = ({ PUBLIC_URL }: Pick<Config, 'PUBLIC_URL'>, secret: string) =>
  `${PUBLIC_URL}${LINK_URL.replace(':secret', secret)}`
export const secretIn = (url: string): string => url.slice(url.lastIndexOf('/') + 1)

/** 256 bits are guessed by nobody, so that a plain digest keeps them from whoever reads the database. */
export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()

/** A passcode is guessed soon by whoever may try: it is kept under a key that the database does not hold. By each of the keys that count, the one that is used now first. */
export const macOf = (config: Keys, link: string, passcode: string): [Buffer, ...Buffer[]] => {
  const [now, ...former] = keysFor(config, 'health link passcodes').map((key) =>
    createHmac('sha256', key)
      .update(`${link} ${passcode.normalize('NFC')}`)
      .digest(),
  )
  return [now as Buffer, ...former]
}

export const isPasscode = (config: Keys, { id, passcode_mac }: { id: string; passcode_mac: Buffer }, given: string) =>
  macOf(config, id, given).some((mac) => timingSafeEqual(mac, passcode_mac))

// Where a file is fetched that the reader did not want within the answer: an address that says itself until when it lives.

/** The specification permits an hour. */
const FILE_SECONDS = 600
const PLAIN_BYTES = 20
const MAC_BYTES = 16

export function fileAddress(config: Config, link: string, now: Date): string {
  const plain = Buffer.alloc(PLAIN_BYTES)
  plain.write(link.replaceAll('-', ''), 'hex')
  plain.writeUInt32BE(Math.floor(now.getTime() / 1_000) + FILE_SECONDS, 16)
  const [key] = keysFor(config, FILES)
  const token = Buffer.concat([plain, fileMac(key, plain)]).toString('base64url')
  return `${config.PUBLIC_URL}${FILE_URL.replace(':token', token)}`
}

const FILES = 'health link files'
const fileMac = (key: Buffer, plain: Buffer) => createHmac('sha256', key).update(plain).digest().subarray(0, MAC_BYTES)

/** The link of which this is the file; undefined where it is none, or too late. */
export function linkOfFile(config: Keys, token: string, now: Date): string | undefined {
  const bytes = Buffer.from(token, 'base64url')
  if (bytes.length !== PLAIN_BYTES + MAC_BYTES) return undefined
  const [plain, mac] = [bytes.subarray(0, PLAIN_BYTES), bytes.subarray(PLAIN_BYTES)]
  if (!keysFor(config, FILES).some((key) => timingSafeEqual(mac, fileMac(key, plain)))) return undefined
  if (plain.readUInt32BE(16) * 1_000 < now.getTime()) return undefined
  return plain.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

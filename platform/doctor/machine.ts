import { readFileSync, statSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { BlockList, isIP } from 'node:net'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import { type Config, list, type Secret } from '../config.ts'
import { openFiles } from '../open-files.ts'
import { StoreFault } from '../s3-faults.ts'
import { bad, type Finding, good, look } from './finding.ts'

// What can be seen without the database.

export function nodeFinding(running: string, needed: string): Finding {
  const [wanted = '0.0'] = /\d+\.\d+/.exec(needed) ?? []
  const [major = 0, minor = 0] = running.split('.').map(Number)
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number)
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
    ? good('node', `Node ${running}`)
    : bad('node', `Node ${running} is too old`, `Install Node ${wanted} or newer.`)
}

const GIGABYTE = 1e9

export async function diskFinding(home: string): Promise<Finding> {
  const { bavail, blocks, bsize } = await statfs(home)
  return spaceFinding(home, bavail * bsize, blocks * bsize)
}

export function spaceFinding(home: string, free: number, total: number): Finding {
  const says = `${(free / GIGABYTE).toFixed(1)} of ${(total / GIGABYTE).toFixed(1)} GB are free in ${home}`
  if (free < GIGABYTE)
    return bad(
      'disk',
      says,
      'Make room now: docs/runbooks/disk-full.md. A full disk stops uploads and the embedded database.',
    )
  if (free < total * 0.1) return look('disk', says, 'Make room, or a larger disk, this week.')
  return good('disk', says)
}

/** Readable by its owner alone, not a guess, and of the installation rather than of one process. */
export function keyFinding(config: Config): Finding {
  const key = config.secretKey.reveal()
  if (new Set(key).size < 6)
    return bad(
      'secret key',
      'The secret key can be guessed',
      'Set OPENHCS_SECRET_KEY: openssl rand -hex 32. See docs/runbooks/leaked-secret.md.',
    )
  const file = join(config.OPENHCS_HOME, 'secret.key')
  const stat = statSync(file, { throwIfNoEntry: false })
  if (!stat || readFileSync(file, 'utf8').trim() !== key) return good('secret key', 'It comes from OPENHCS_SECRET_KEY')
  if (stat.mode & 0o077)
    return bad(
      'secret key',
      `${file} can be read by others`,
      `chmod 600 ${file}, and treat it as leaked: docs/runbooks/leaked-secret.md.`,
    )
  return good('secret key', `It is in ${file}, for its owner alone; no backup holds it, so keep a copy apart`)
}

export function publicUrlFinding({ PUBLIC_URL, HOST }: Config): Finding {
  const url = URL.canParse(PUBLIC_URL) ? new URL(PUBLIC_URL) : undefined
  const advice = 'Set PUBLIC_URL to the https:// origin that people use; links in messages begin with it.'
  if (!url || !['http:', 'https:'].includes(url.protocol))
    return bad('public URL', `${PUBLIC_URL} is no web address`, advice)
  if (url.pathname !== '/' || url.search || url.hash || url.username)
    return bad('public URL', `${PUBLIC_URL} is more than an origin`, advice)
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  if (isHere && HOST !== 'localhost' && HOST !== '127.0.0.1')
    return look('public URL', `Others can connect, and links say ${PUBLIC_URL}`, advice)
  if (!isHere && url.protocol === 'http:') return bad('public URL', `${PUBLIC_URL} is not encrypted`, advice)
  return good('public URL', PUBLIC_URL)
}

/** Behind a proxy that is not named, everybody has the proxy's address, and shares its limits. */
export function proxyFinding({ TRUST_PROXY, PUBLIC_URL, remotes }: Config): Finding {
  const advice = 'Set TRUST_PROXY to the addresses of the proxy, as in 10.0.0.0/16.'
  const named = list(TRUST_PROXY)
  const words = ['loopback', 'linklocal', 'uniquelocal']
  const wrong = named.filter((one) => !words.includes(one) && !isRange(one))
  if (wrong.length > 0) return bad('proxy', `TRUST_PROXY: ${wrong.join(', ')} is no address or range`, advice)
  const wide = named.filter((one) => Number(one.split('/')[1] ?? 32) < 8)
  if (wide.length > 0) return bad('proxy', `TRUST_PROXY believes anybody: ${wide.join(', ')}`, advice)
  if (named.length === 0 && remotes.size > 0)
    return look(
      'proxy',
      'Other processes send requests on to this one, and TRUST_PROXY does not name them: whoever comes that way shares one limit',
      'Set TRUST_PROXY to their addresses, as in 10.0.0.0/16.',
    )
  if (named.length === 0 && PUBLIC_URL.startsWith('https:'))
    return look(
      'proxy',
      'Something ends TLS before us, and TRUST_PROXY does not name it: all callers share one limit',
      advice,
    )
  return good('proxy', named.length > 0 ? `X-Forwarded-For is believed from ${named.join(', ')}` : 'None')
}

function isRange(text: string): boolean {
  const [address = '', bits] = text.split('/')
  const family = isIP(address)
  if (family === 0) return false
  if (bits === undefined) return true
  try {
    new BlockList().addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6')
    return /^\d+$/.test(bits)
  } catch {
    return false
  }
}

const SMTP_MS = 5_000

/** Of several servers the worst: that others stand in for it is good until they fail too. */
export async function smtpFinding({ smtpUrls }: Pick<Config, 'smtpUrls'>): Promise<Finding> {
  const findings = await Promise.all(smtpUrls.map((url) => serverFinding(url)))
  return (
    findings.find(({ verdict }) => verdict === 'bad') ??
    findings[0] ??
    look('mail', 'SMTP_URL is not set: e-mails are not sent', 'Set SMTP_URL, if people should get e-mails.')
  )
}

async function serverFinding(url: Secret): Promise<Finding> {
  const waiting = { connectionTimeout: SMTP_MS, greetingTimeout: SMTP_MS, socketTimeout: SMTP_MS, dnsTimeout: SMTP_MS }
  const transport = createTransport({ url: url.reveal(), ...waiting })
  try {
    await transport.verify()
    return good('mail', 'The mail server answers and lets us in')
  } catch (error) {
    const code = (error as { code?: string }).code ?? 'no answer'
    return bad('mail', `The mail server does not let us in: ${code}`, 'See docs/runbooks/messages-not-arriving.md.')
  } finally {
    transport.close()
  }
}

/** Asks for what cannot be there: nothing is left behind, and name, keys, clock and permission have been tried. */
export async function filesFinding(config: Config): Promise<Finding> {
  if (!config.s3) return good('files', `Uploads are in ${join(config.OPENHCS_HOME, 'files')}`)
  const { bucket, keys } = config.s3
  const whose = 'tokenFile' in keys ? 'the keys of its role' : 'its key'
  try {
    await openFiles(config).get('0'.repeat(64))
    return good('files', `The bucket ${bucket} answers, and may be read with ${whose}; writing was not tried`)
  } catch (error) {
    const { cause } = error as Error
    if (!(cause instanceof StoreFault)) throw error
    return bad('files', cause.says, cause.advice)
  }
}

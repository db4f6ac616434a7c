import { readFile } from 'node:fs/promises'
import { BlockList, isIP } from 'node:net'
import type { FastifyBaseLogger } from 'fastify'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { StoreFault, unreachable } from './s3-faults.ts'

// Keys that AWS hands to a pod for the role it has (EKS Pod Identity; ECS speaks the same). They end after hours; so does the token for which they are given.

export interface AwsKeys {
  accessKeyId: string
  secretAccessKey: string
  /** Of keys that end: sent and signed with every request. */
  sessionToken?: string
}

export interface Credentials {
  keys(): Promise<AwsKeys>
  /** These are not believed any more: whoever asks next gets others, where there are others. */
  refused(keys: AwsKeys): void
}

export const fixedKeys = (keys: AwsKeys): Credentials => ({ keys: async () => keys, refused: () => {} })

/** Where keys are handed out, as AWS says it to the process: docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html */
export interface KeySource {
  url: string
  tokenFile: string
}

const RENEW_BEFORE_MS = 300_000
/** Between two failed renewals, while the keys at hand still hold. */
const AGAIN_MS = 10_000
const ANSWER_MS = 2_000

interface Options {
  now?: () => number
  log?: Pick<FastifyBaseLogger, 'warn'> | undefined
}

/** Asked for once, however many want them, and again five minutes before they end. */
export function handedOutKeys(source: KeySource, { now = Date.now, log }: Options = {}): Credentials {
  let kept: (Handed & { renewAt: number }) | undefined
  let asking: Promise<AwsKeys> | undefined

  async function renew(): Promise<AwsKeys> {
    try {
      const handed = await ask(source)
      const left = handed.endsAt - now()
      if (left <= 0) throw new StoreFault(`The keys from ${source.url} have ended already`, CLOCK)
      kept = { ...handed, renewAt: handed.endsAt - Math.min(RENEW_BEFORE_MS, left / 2) }
    } catch (error) {
      if (!kept || kept.endsAt <= now()) throw error
      log?.warn({ err: error }, 'the keys of the file store could not be renewed; those at hand still hold')
      kept = { ...kept, renewAt: Math.min(now() + AGAIN_MS, kept.endsAt) }
    } finally {
      asking = undefined
    }
    return kept.keys
  }

  return {
    keys: async () => {
      if (kept && now() < kept.renewAt) return kept.keys
      asking ??= renew()
      return asking
    },
    refused: (keys) => {
      if (kept?.keys === keys) kept = undefined
    },
  }
}

const CLOCK = 'The clock of this machine is wrong: let it follow a time server.'
const ROLE =
  'Is the agent there (add-on eks-pod-identity-agent), may this pod reach it, and has its service account a role?'

const Answer = Type.Object({
  AccessKeyId: Type.String({ minLength: 1 }),
  SecretAccessKey: Type.String({ minLength: 1 }),
  Token: Type.String({ minLength: 1 }),
  Expiration: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$' }),
})

interface Handed {
  keys: AwsKeys
  endsAt: number
}

async function ask({ url, tokenFile }: KeySource): Promise<Handed> {
  const authorization = await tokenIn(tokenFile)
  const options = { headers: { authorization }, redirect: 'manual', signal: AbortSignal.timeout(ANSWER_MS) } as const
  const response = await fetch(url, options).catch((error: Error) => {
    throw unreachable(url, error, ROLE)
  })
  // Whatever is in the body may be a secret, or a part of one: no error here shows any of it.
  const body = await response.text().catch(() => '')
  if (response.status !== 200) throw new StoreFault(`${url} answered ${response.status}`, ROLE)
  const answer = parsed(body)
  if (!Value.Check(Answer, answer)) throw new StoreFault(`What ${url} answered are no keys`, ROLE)
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Token: sessionToken, Expiration } = answer
  return { keys: { accessKeyId, secretAccessKey, sessionToken }, endsAt: Date.parse(Expiration) }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** Read anew each time: Kubernetes puts another into the file before this one ends. */
async function tokenIn(file: string): Promise<string> {
  const advice = 'See AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, which Kubernetes mounts and keeps fresh.'
  const token = (
    await readFile(file, 'utf8').catch(({ code }: NodeJS.ErrnoException) => {
      throw new StoreFault(`The token in ${file} cannot be read: ${code}`, advice)
    })
  ).trim()
  // Here, since fetch would show what it cannot send.
  if (!/^[\x21-\x7e]+$/.test(token)) throw new StoreFault(`There is no token in ${file}`, advice)
  return token
}

/** This machine, and the two addresses at which AWS hands out keys, which no router carries on. */
const NEAR = new BlockList()
NEAR.addSubnet('127.0.0.0', 8, 'ipv4')
NEAR.addAddress('::1', 'ipv6')
NEAR.addAddress('169.254.170.2', 'ipv4')
NEAR.addAddress('169.254.170.23', 'ipv4')
NEAR.addAddress('fd00:ec2::23', 'ipv6')

/** Whether a token may be shown to this address and its keys believed: with TLS, or where nobody is in between. */
export function mayHandOutKeys(address: string): boolean {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (!url || url.username || url.password) return false
  if (url.protocol === 'https:') return true
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const family = isIP(host)
  return url.protocol === 'http:' && family !== 0 && NEAR.check(host, family === 4 ? 'ipv4' : 'ipv6')
}

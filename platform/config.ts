import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Static, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
import { type KeySource, mayHandOutKeys } from './aws-credentials.ts'
import { languages } from './language.ts'
import { permittedBy } from './public-addresses.ts'
import { isTextProvider } from './text-providers.ts'

/** A value that must not be printed: `${secret}`, JSON and inspection all give `***`. */
export class Secret {
  readonly #value: string
  constructor(value: string) {
    this.#value = value
  }
  reveal(): string {
    return this.#value
  }
  toString(): string {
    return '***'
  }
  toJSON(): string {
    return '***'
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '***'
  }
}

const text = (description: string, fallback = '') => Type.String({ description, default: fallback })
const whole = (description: string, fallback: number, minimum: number, maximum: number) =>
  Type.Integer({ description, default: fallback, minimum, maximum })
const yesNo = (description: string, fallback: boolean) => Type.Boolean({ description, default: fallback })

/** Every setting, by its environment variable. `.env.example` and docs/configuration.md are generated from this. */
export const ConfigSchema = Type.Object({
  PORT: whole('Port to listen on', 8080, 0, 65_535),
  HOST: text('Address to listen on; 0.0.0.0 in a container', 'localhost'),
  PUBLIC_URL: text('Origin that people use, for links in messages and problem types; default http://localhost:PORT'),
  DEFAULT_LANGUAGE: Type.Enum([...languages], {
    description: 'Language of messages and of pages for who names none, or one that nobody has translated',
    default: 'en',
  }),
  OPENHCS_HOME: text('Folder for the embedded database, files and the generated key', '.openhcs'),
  OPENHCS_SERVICES: text('Rooms of this process, comma-separated; empty: all'),
  OPENHCS_REMOTES: text(
    'Where the other rooms are: identity=http://host:port,registry=…; what people ask of them here is sent on there',
  ),
  OPENHCS_SECRET_KEY: text(
    '32 random bytes in hex; signs calls between rooms, seals the audit and wraps the data keys. Default: generated into OPENHCS_HOME',
  ),
  OPENHCS_FORMER_SECRET_KEY: text(
    'The secret key before the present one: opens what that one wrapped, until openhcs keys rotate has run',
  ),
  OPENHCS_DEMO: yesNo('Load the fictional country when the database is empty', false),
  OPENHCS_STAGING: yesNo('For trying out, not for patients: API keys are called test', false),
  OPENHCS_MIGRATE: yesNo('Bring the schema forward at start; needs the rights of its owner', true),
  OPENHCS_WORKER: yesNo('Run jobs and event deliveries in this process', true),
  DATABASE_URL: text('PostgreSQL ≥ 15, as the application; empty: an embedded server in OPENHCS_HOME'),
  DATABASE_OWNER_URL: text('The same database as its owner, for migrations; default DATABASE_URL'),
  DATABASE_READER_URL: text(
    'A reader of the same database, as the application, for searches that may be late by seconds; empty: the primary answers all',
  ),
  JOBS_DATABASE_URL: text(
    'A PostgreSQL database of its own for the job engine, as the application; empty: it is in DATABASE_URL',
  ),
  JOBS_DATABASE_OWNER_URL: text('The same database as its owner, for migrations; default JOBS_DATABASE_URL'),
  DATABASE_POOLER_URL: text(
    'The same database through a pooler in transaction mode, for the rooms: postgres://:password@host:6432/openhcs, without a user, since each room has its own; empty: none',
  ),
  DATABASE_POOLER_PREPARED: yesNo(
    'That pooler follows prepared statements: PgBouncer from 1.21, with max_prepared_statements. Else each is parsed and planned every time',
    false,
  ),
  DATABASE_POOL_SIZE: whole('Connections of one room for transactions', 10, 1, 100),
  DATABASE_STATEMENT_SECONDS: whole('A statement is stopped after this', 10, 1, 300),
  REQUEST_TIMEOUT_SECONDS: whole('A request must have arrived whole within this', 30, 1, 300),
  MAJORITY_AGE: whole('Years at which somebody comes of age, and guardians’ mandates end', 18, 12, 25),
  SHUTDOWN_SECONDS: whole('Time to finish what is under way after SIGTERM', 20, 1, 300),
  BODY_LIMIT_BYTES: whole('Largest JSON body', 262_144, 1_024, 10_485_760),
  RATE_LIMIT_PER_MINUTE: whole(
    'Requests a minute from one account or, unsigned, from one address',
    1_200,
    1,
    10_000_000,
  ),
  MAX_EVENT_LOOP_DELAY_MS: whole('Above this delay requests get 503 with Retry-After', 1_000, 10, 60_000),
  SESSION_DAYS: whole('A session ends this long after signing in, whatever happens', 30, 1, 365),
  SESSION_IDLE_MINUTES: whole('A session that is not used for this long ends', 20_160, 5, 525_600),
  ACCESS_TOKEN_MINUTES: whole('Life of an access token, where one signs in with `refresh`', 15, 1, 1_440),
  CORS_ORIGINS: text('Origins that may call from a browser, comma-separated; empty: none'),
  TRUST_PROXY: text(
    'Addresses whose X-Forwarded-For is believed, comma-separated: of proxies and, with rooms apart, of the other processes',
  ),
  KEEP_APPOINTMENTS_DAYS: whole('Days for which appointments are kept after their end', 3_653, 30, 36_525),
  KEEP_QUEUES_DAYS: whole('Days for which the numbers of a waiting room are kept', 30, 1, 3_650),
  KEEP_NOTIFICATIONS_DAYS: whole('Days for which notifications are kept', 365, 1, 3_650),
  KEEP_SESSIONS_DAYS: whole('Days for which sessions are kept after their end', 30, 1, 3_650),
  EXPORT_GB_PER_APP: whole(
    'Room in gigabytes for the files of $export of one app, until they are deleted',
    20,
    1,
    10_000,
  ),
  KEEP_EXPORTS_DAYS: whole('Days for which a copy of everything about a person can be fetched', 7, 1, 90),
  KEEP_ERASURES_DAYS: whole('Days for which the receipt of an erasure can be read', 3_653, 30, 36_525),
  PUBLISH_FREE_TIMES: yesNo(
    'Whether free times are published for everybody, without names (GET /fhir/R4/$bulk-publish)',
    true,
  ),
  KEEP_IMPORTS_DAYS: whole('Days for which what was wrong in a file of many can be read', 90, 1, 3_650),
  ERASURE_WAIT_DAYS: whole('Days in which a person can still call off the erasure of what is known of them', 14, 0, 90),
  SMTP_URL: text(
    'smtp://user:password@host:port; several with spaces between: who comes first is asked first. Empty: e-mails are not sent and say so',
  ),
  MAIL_FROM: text('Sender of e-mails', 'OpenHCS <no-reply@openhcs.invalid>'),
  S3_BUCKET: text('Bucket for uploads, in any store that speaks S3; empty: a folder in OPENHCS_HOME'),
  S3_ENDPOINT: text('Where that store is; default https://s3.REGION.amazonaws.com'),
  S3_REGION: text('Region that requests to it are signed for', 'us-east-1'),
  S3_ACCESS_KEY_ID: text('Its access key; empty: that of the role which AWS gives the pod'),
  S3_SECRET_ACCESS_KEY: text('The secret of that key'),
  AWS_CONTAINER_CREDENTIALS_FULL_URI: text('Where keys of the role are handed out; EKS Pod Identity sets it'),
  AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: text('The token for which they are; EKS Pod Identity sets it'),
  SMS_GATEWAY_URL: text(
    'Where text messages and calls are handed over: POST {id, channel, to, text} as JSON; empty: none are sent, and say so',
  ),
  SMS_GATEWAY_TOKEN: text('Bearer token for SMS_GATEWAY_URL, by which it also signs what it tells us'),
  SMS_PROVIDERS: text(
    'Who carries texts after SMS_GATEWAY_URL, spaces between: africastalking://user:key@api.africastalking.com?from=SENDER&callback=KEY; the key is that of our callback addresses. By SMPP: smpps://system-id:password@host:port?from=SENDER, or smpp:// without TLS; docs/guides/texts.md has the rest',
  ),
  SMS_COUNTRIES: text('ISO 3166 countries whose numbers get text messages and calls, comma-separated; empty: all'),
  CALENDAR_PRIVATE_HOSTS: text(
    'Hosts and networks of one’s own where practitioners may have calendars, comma-separated: calendar.hospital.example, 10.2.0.0/16; empty: public addresses only',
  ),
  WEBHOOK_PRIVATE_HOSTS: text(
    'Hosts and networks of one’s own where webhooks and subscriptions may go and apps may have their keys, also without TLS, comma-separated: systems.hospital.example, 10.2.0.0/16; empty: public addresses only, by https',
  ),
  VAPID_SUBJECT: text(
    'mailto: or https: address at which push services reach who runs this; empty: browsers are not told anything, and say so',
  ),
  PUSH_HOSTS: text(
    'Push services of browsers, comma-separated; *. stands for any name before it',
    'fcm.googleapis.com,updates.push.services.mozilla.com,*.push.apple.com,*.notify.windows.com',
  ),
  ESCALATE_HOURS: whole(
    'Hours before a visit at which a reminder that nobody has read, and that is not known to have arrived, goes by another channel too',
    3,
    1,
    24,
  ),
  METRICS_TOKEN: text('Bearer token for /metrics; empty: only this machine may read it'),
  OTEL_EXPORTER_OTLP_ENDPOINT: text(
    'Collector for traces, metrics and logs, OTLP over HTTP, e.g. http://localhost:4318; empty: off, and nothing of it is loaded',
  ),
  OTEL_SERVICE_NAME: text('Name of this process in traces', 'openhcs'),
  OTEL_TRACES_SAMPLER_ARG: Type.Number({
    description: 'Share of requests that are traced, each with its log lines and statements',
    default: 0.1,
    minimum: 0,
    maximum: 1,
  }),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent'], {
    description: 'Log detail',
    default: 'info',
  }),
})

type Raw = Static<typeof ConfigSchema>

export interface S3Settings {
  readonly bucket: string
  readonly endpoint: string
  readonly region: string
  /** A key for good, or where those of a role are handed out. */
  readonly keys: { readonly id: string; readonly secret: Secret } | KeySource
}

export interface Config
  extends Readonly<
    Omit<
      Raw,
      | 'OPENHCS_SECRET_KEY'
      | 'OPENHCS_FORMER_SECRET_KEY'
      | 'DATABASE_URL'
      | 'DATABASE_OWNER_URL'
      | 'DATABASE_READER_URL'
      | 'JOBS_DATABASE_URL'
      | 'JOBS_DATABASE_OWNER_URL'
      | 'DATABASE_POOLER_URL'
      | 'SMTP_URL'
      | 'SMS_GATEWAY_TOKEN'
      | 'SMS_PROVIDERS'
      | 'METRICS_TOKEN'
      | `S3_${string}`
      | `AWS_${string}`
    >
  > {
  readonly services: readonly string[]
  readonly remotes: ReadonlyMap<string, string>
  readonly secretKey: Secret
  readonly formerSecretKey: Secret | undefined
  readonly databaseUrl: Secret
  readonly databaseOwnerUrl: Secret
  readonly databaseReaderUrl: Secret | undefined
  /** Where the job engine is, if not in the house's database. */
  readonly jobsDatabaseUrl: Secret | undefined
  readonly jobsDatabaseOwnerUrl: Secret | undefined
  /** See platform/logins.ts. */
  readonly databasePoolerUrl: Secret | undefined
  /** In the order in which they are asked. */
  readonly smtpUrls: readonly Secret[]
  readonly smsGatewayToken: Secret | undefined
  readonly smsProviders: readonly Secret[]
  readonly metricsToken: Secret | undefined
  /** Where uploads are kept, if not on disk. */
  readonly s3: S3Settings | undefined
}

/** Reads, checks and freezes the configuration. Throws one Error that names every variable that is wrong. */
export function loadConfig(env: Record<string, string | undefined> = process.env): Config {
  const raw = read(env)
  const {
    OPENHCS_SECRET_KEY,
    OPENHCS_FORMER_SECRET_KEY,
    DATABASE_URL,
    DATABASE_OWNER_URL,
    DATABASE_READER_URL,
    JOBS_DATABASE_URL,
    JOBS_DATABASE_OWNER_URL,
    DATABASE_POOLER_URL,
    SMTP_URL,
    SMS_GATEWAY_TOKEN,
    SMS_PROVIDERS,
    METRICS_TOKEN,
    ...rest
  } = raw
  const { S3_BUCKET, S3_ENDPOINT, S3_REGION, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY, ...others } = rest
  const { AWS_CONTAINER_CREDENTIALS_FULL_URI, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, ...open } = others
  const home = resolve(raw.OPENHCS_HOME)
  return Object.freeze({
    ...open,
    OPENHCS_HOME: home,
    PUBLIC_URL: raw.PUBLIC_URL.replace(/\/+$/, '') || `http://localhost:${raw.PORT}`,
    services: list(raw.OPENHCS_SERVICES),
    remotes: remotes(raw.OPENHCS_REMOTES),
    secretKey: new Secret(OPENHCS_SECRET_KEY || keyIn(home)),
    formerSecretKey: OPENHCS_FORMER_SECRET_KEY ? new Secret(OPENHCS_FORMER_SECRET_KEY) : undefined,
    databaseUrl: new Secret(DATABASE_URL),
    databaseOwnerUrl: new Secret(DATABASE_OWNER_URL || DATABASE_URL),
    databaseReaderUrl: DATABASE_READER_URL ? new Secret(DATABASE_READER_URL) : undefined,
    jobsDatabaseUrl: JOBS_DATABASE_URL ? new Secret(JOBS_DATABASE_URL) : undefined,
    jobsDatabaseOwnerUrl: JOBS_DATABASE_URL ? new Secret(JOBS_DATABASE_OWNER_URL || JOBS_DATABASE_URL) : undefined,
    databasePoolerUrl: DATABASE_POOLER_URL ? new Secret(DATABASE_POOLER_URL) : undefined,
    smtpUrls: words(SMTP_URL).map((url) => new Secret(url)),
    smsGatewayToken: SMS_GATEWAY_TOKEN ? new Secret(SMS_GATEWAY_TOKEN) : undefined,
    smsProviders: words(SMS_PROVIDERS).map((url) => new Secret(url)),
    metricsToken: METRICS_TOKEN ? new Secret(METRICS_TOKEN) : undefined,
    s3: S3_BUCKET
      ? {
          bucket: S3_BUCKET,
          endpoint: S3_ENDPOINT || `https://s3.${S3_REGION}.amazonaws.com`,
          region: S3_REGION,
          keys: S3_ACCESS_KEY_ID
            ? { id: S3_ACCESS_KEY_ID, secret: new Secret(S3_SECRET_ACCESS_KEY) }
            : { url: AWS_CONTAINER_CREDENTIALS_FULL_URI, tokenFile: AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE },
        }
      : undefined,
  })
}

/** Host of this installation, for what must be unique in the world: Message-IDs and UIDs of calendar entries. */
export const hostOf = ({ PUBLIC_URL }: Pick<Config, 'PUBLIC_URL'>): string => new URL(PUBLIC_URL).hostname

/** The same configuration over another database. */
export const withDatabase = (config: Config, databaseUrl: string, databaseOwnerUrl: string): Config =>
  Object.freeze({
    ...config,
    databaseUrl: new Secret(databaseUrl),
    databaseOwnerUrl: new Secret(databaseOwnerUrl),
    databaseReaderUrl: undefined,
  })

function read(env: Record<string, string | undefined>): Raw {
  const wrong: string[] = []
  const values: Record<string, unknown> = {}
  for (const [name, schema] of Object.entries(ConfigSchema.properties) as [string, TSchema & { default?: unknown }][]) {
    const given = env[name]
    const value = given === undefined || given === '' ? schema.default : Value.Convert(schema, given)
    if (!Value.Check(schema, value))
      wrong.push(`${name}: ${[...Value.Errors(schema, value)].map((e) => e.message).join(', ')}`)
    values[name] = value
  }
  for (const name of ['OPENHCS_SECRET_KEY', 'OPENHCS_FORMER_SECRET_KEY'])
    if (env[name] && !/^[0-9a-f]{64}$/i.test(env[name]))
      wrong.push(`${name}: must be 64 hexadecimal digits (openssl rand -hex 32)`)
  if (env.DATABASE_POOLER_URL) wrong.push(...poolerFaults(env.DATABASE_POOLER_URL, env.DATABASE_URL))
  wrong.push(...wrongKeys(env))
  for (const name of ['CALENDAR_PRIVATE_HOSTS', 'WEBHOOK_PRIVATE_HOSTS'])
    wrong.push(...wrongNetworks(name, env[name] ?? ''))
  for (const url of words(env.SMS_PROVIDERS ?? ''))
    if (!isTextProvider(url))
      wrong.push(
        'SMS_PROVIDERS: must be africastalking://user:key@host?from=SENDER&callback=KEY or smpps://system-id:password@host:port?from=SENDER, several with spaces between',
      )
  if (env.VAPID_SUBJECT && !/^(mailto:[!-~]+@|https:\/\/)[!-~]+$/.test(env.VAPID_SUBJECT))
    wrong.push('VAPID_SUBJECT: must be mailto:somebody@example.org or an address of https')
  if (env.DATABASE_READER_URL && !env.DATABASE_URL)
    wrong.push('DATABASE_READER_URL: needs DATABASE_URL too, whose reader it is')
  if (wrong.length > 0) throw new Error(`The configuration is wrong:\n  ${wrong.join('\n  ')}`)
  return values as Raw
}

/** The password is every room's: nobody types it, so it can be one that nobody guesses. */
function poolerFaults(address: string, direct: string | undefined): string[] {
  const url = URL.canParse(address) ? new URL(address) : undefined
  const shape = url?.host && !url.username && /^[!-$&-~]{24,}$/.test(url.password)
  return [
    ...(shape
      ? []
      : [
          'DATABASE_POOLER_URL: must be postgres://:password@host:port/database, the password of 24 characters or more',
        ]),
    ...(direct ? [] : ['DATABASE_POOLER_URL: needs DATABASE_URL too, for what a pooler cannot carry']),
  ]
}

/** A key whole, or the way to one; and no token is shown to somebody on the way. */
function wrongKeys(env: Record<string, string | undefined>): string[] {
  const { S3_BUCKET, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY } = env
  const { AWS_CONTAINER_CREDENTIALS_FULL_URI: url, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: tokenFile } = env
  if (!S3_BUCKET || (S3_ACCESS_KEY_ID && S3_SECRET_ACCESS_KEY)) return []
  if (S3_ACCESS_KEY_ID || S3_SECRET_ACCESS_KEY || !url || !tokenFile)
    return [
      'S3_BUCKET: needs S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, or a pod with a role: AWS_CONTAINER_CREDENTIALS_FULL_URI and AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
    ]
  if (mayHandOutKeys(url)) return []
  return ['AWS_CONTAINER_CREDENTIALS_FULL_URI: must be https, or an address of this machine or of the agent of AWS']
}

function wrongNetworks(name: string, csv: string): string[] {
  try {
    permittedBy(csv)
    return []
  } catch {
    return [`${name}: must be names of hosts and networks such as 10.2.0.0/16, comma-separated`]
  }
}

export const list = (csv: string): string[] =>
  csv
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)

const words = (text: string): string[] => text.split(/\s+/).filter(Boolean)

function remotes(csv: string): Map<string, string> {
  return new Map(
    list(csv).map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1) throw new Error(`OPENHCS_REMOTES: '${pair}' is not name=url`)
      return [pair.slice(0, at), new URL(pair.slice(at + 1)).origin]
    }),
  )
}

/** The key of this installation; made once, readable by its owner alone. Two processes that start at once agree on one. */
function keyIn(home: string): string {
  const file = join(home, 'secret.key')
  if (!existsSync(file)) {
    mkdirSync(home, { recursive: true })
    const draft = `${file}.${process.pid}`
    writeFileSync(draft, randomBytes(32).toString('hex'), { mode: 0o600 })
    try {
      linkSync(draft, file) // appears whole or not at all
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    } finally {
      rmSync(draft)
    }
  }
  return readFileSync(file, 'utf8').trim()
}

/** Where tests find a server to make databases on; set by whatever runs them. */
export const testServer = (): { app: string | undefined; owner: string | undefined } => ({
  app: process.env.TEST_DATABASE_URL,
  owner: process.env.TEST_DATABASE_OWNER_URL,
})

/** Who carries texts by SMPP 3.4, as SMS_PROVIDERS names them. */
export interface SmppSettings {
  host: string
  port: number
  tls: boolean
  systemId: string
  password: string
  systemType: string
  /** Whom texts come from: a name, a number or a short code. */
  from: string
  /** Type of number and numbering plan of it; by what it looks like where nothing is said. */
  fromTon: number | undefined
  fromNpi: number | undefined
  /** How many may wait for an answer at once. */
  window: number
  /** How a text that is longer than one message goes: in parts, each with a header, or whole, for them to split. */
  long: 'udh' | 'payload'
  /** In which figures they write the id of a message when they take it, and when they report on it. */
  ids: 'same' | 'hex-decimal' | 'decimal-hex'
}

export const isSmpp = (url: URL): boolean => /^smpps?:$/.test(url.protocol)

const NAMES = ['from', 'from-ton', 'from-npi', 'system-type', 'window', 'long', 'ids']

/** `smpp://system-id:password@host:2775?from=CLINIC`. Throws where it is none; without its words, since there is a password in it. */
export function smppSettings(url: URL): SmppSettings {
  const { searchParams: query } = url
  const tls = url.protocol === 'smpps:'
  const [systemId, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)]
  const settings = {
    ...{ host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) || (tls ? 3550 : 2775), tls },
    ...{ systemId, password, systemType: query.get('system-type') ?? '', from: query.get('from') ?? '' },
    fromTon: wholeOf(query.get('from-ton'), 0, 6),
    fromNpi: wholeOf(query.get('from-npi'), 0, 18),
    window: wholeOf(query.get('window'), 1, 1_000) ?? 10,
    long: oneOf(query.get('long'), ['udh', 'payload'] as const),
    ids: oneOf(query.get('ids'), ['same', 'hex-decimal', 'decimal-hex'] as const),
  }
  // The room that SMPP 3.4 gives these (§5.2), but for passwords, of which many let more than eight letters be.
  const fits = isShort(systemId, 15) && isShort(password, 64) && isShort(settings.systemType, 12)
  if (systemId === '' || !fits || !isShort(settings.from, 20) || [...query.keys()].some((key) => !NAMES.includes(key)))
    throw new Error('These are no settings of SMPP')
  return settings
}

/** Whether SMS_PROVIDERS may name it. */
export function isTextProvider(text: string): boolean {
  const url = URL.parse(text)
  if (!url || !isSmpp(url)) return /^africastalking(\+http)?:$/.test(url?.protocol ?? '')
  try {
    return smppSettings(url).host !== ''
  } catch {
    return false
  }
}

const isShort = (text: string, most: number) => text.length <= most && /^[ -~]*$/.test(text)

function wholeOf(text: string | null, least: number, most: number): number | undefined {
  if (text === null) return undefined
  const number = /^\d{1,4}$/.test(text) ? Number(text) : -1
  if (number < least || number > most) throw new Error('These are no settings of SMPP')
  return number
}

function oneOf<const T extends readonly [string, ...string[]]>(text: string | null, words: T): T[number] {
  if (text === null) return words[0]
  if (!words.includes(text)) throw new Error('These are no settings of SMPP')
  return text
}

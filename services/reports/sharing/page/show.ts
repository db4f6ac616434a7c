import { cardsIn, type Issuers, linesOf, shownText, statesIn, type Verdict, verdictOf } from './verify.ts'

// As verify.ts: what runs in the page, and touches it. Of a browser only what is used is named here.

interface Node {
  textContent: string | null
  hidden: boolean
  value: string
  lang: string
  dir: string
  srcObject: unknown
  files: { text(): Promise<string>; type: string }[] | null
  append(...nodes: Node[]): void
  replaceChildren(...nodes: Node[]): void
  setAttribute(name: string, value: string): void
  addEventListener(type: string, listener: () => void): void
  play(): Promise<void>
}

export interface Page {
  documentElement: Node
  title: string
  createElement(name: string): Node
  getElementById(id: string): Node
  querySelectorAll(selector: string): Iterable<Node & { dataset: { say: string } }>
}

export interface Facts {
  issuers: readonly Issuers[]
  /** Of its keys. */
  madeAt: string
  words: Readonly<Record<string, Readonly<Record<string, string>>>>
  rightToLeft: readonly string[]
}

export interface Browser {
  languages?: readonly string[]
  mediaDevices?: { getUserMedia(wanted: object): Promise<{ getTracks(): { stop(): void }[] }> }
}

/** The first of the reader's languages that the page has. */
export function chosenLanguage(languages: readonly string[], words: Facts['words']): string {
  return languages.map((tag) => tag.slice(0, 2).toLowerCase()).find((one) => one in words) ?? 'en'
}

/** A phrase in the language of the page, with what belongs in it isolated, so that nothing turns what stands around it. */
export function say(phrase: string, words: Record<string, string>, values: Record<string, string> = {}): string {
  return (words[phrase] ?? phrase).replace(/\{(\w+)\}/g, (_, name) => `\u2068${shownText(values[name])}\u2069`)
}

export function inWords(at: number, language: string): string {
  return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
    dateStyle: 'long',
    calendar: 'gregory',
  }).format(at)
}

/** All texts are text: nothing of a card becomes markup. */
export function element(page: Page, name: string, text: string, children: Node[] = []): Node {
  const made = page.createElement(name)
  if (text !== '') made.textContent = text
  made.append(...children)
  return made
}

export function cardShown(page: Page, verdict: Verdict, facts: Facts, language: string): Node {
  const words = facts.words[language] ?? {}
  const values = verdict.verdict === 'valid' ? { issuer: verdict.issuer, date: inWords(verdict.at, language) } : {}
  const heading = element(page, 'h2', say(`verdict.${verdict.verdict}`, words, values))
  const shown = element(page, 'section', '', [heading])
  shown.setAttribute('class', verdict.verdict === 'valid' ? 'valid' : 'refused')
  if (verdict.verdict !== 'valid') return shown
  shown.append(element(page, 'p', say('page.compare', words)))
  for (const resource of verdict.resources) {
    const type = `type.${shownText(resource.resourceType)}`
    if (type in words) shown.append(element(page, 'h3', say(type, words)))
    const states = statesIn(resource)
      .map((code) => `state.${code}`)
      .filter((phrase) => phrase in words)
    for (const phrase of new Set(states))
      shown.append(element(page, 'p', '', [element(page, 'strong', say(phrase, words))]))
    const terms = linesOf(resource).flatMap((line) => {
      const value = element(page, 'dd', '', [element(page, 'bdi', line.value)])
      return [element(page, 'dt', say(line.name, words)), value]
    })
    shown.append(element(page, 'dl', '', terms))
  }
  return shown
}

export async function check(page: Page, text: string, facts: Facts): Promise<void> {
  const cards = cardsIn(text)
  const checked = cards.slice(0, 50)
  const verdicts = await Promise.all(
    (cards.length > 0 ? checked : ['']).map((card) => verdictOf(card, facts.issuers, Date.now())),
  )
  const language = page.documentElement.lang
  const left = cards.length - checked.length
  const count = new Intl.NumberFormat(language).format(left)
  const more = left > 0 ? [element(page, 'p', say('page.more', facts.words[language] ?? {}, { count }))] : []
  page
    .getElementById('verdict')
    .replaceChildren(...verdicts.map((one) => cardShown(page, one, facts, language)), ...more)
}

export function speak(page: Page, language: string, facts: Facts): void {
  const words = facts.words[language] ?? {}
  page.documentElement.lang = language
  page.documentElement.dir = facts.rightToLeft.includes(language) ? 'rtl' : 'ltr'
  page.title = say('page.title', words)
  const site = facts.issuers.map(({ iss }) => iss.replace(/^https?:\/\//, '')).join(', ')
  const values = { site, date: inWords(Date.parse(facts.madeAt), language) }
  for (const one of page.querySelectorAll('[data-say]')) one.textContent = say(one.dataset.say, words, values)
  page.getElementById('verdict').replaceChildren()
}

/** Where the browser reads codes itself. */
export async function scan(page: Page, browser: Browser, facts: Facts): Promise<void> {
  const Detector = (globalThis as Record<string, unknown>).BarcodeDetector as new (
    of: object,
  ) => {
    detect(of: unknown): Promise<{ rawValue: string }[]>
  }
  const [video, stop] = [page.getElementById('video'), page.getElementById('stop')]
  const stream = await browser.mediaDevices?.getUserMedia({ video: { facingMode: 'environment' } })
  if (!stream) return
  let isOver = false
  const end = () => {
    isOver = true
    for (const track of stream.getTracks()) track.stop()
    video.hidden = true
    stop.hidden = true
  }
  stop.addEventListener('click', end)
  video.hidden = false
  stop.hidden = false
  video.srcObject = stream
  await video.play()
  const detector = new Detector({ formats: ['qr_code'] })
  while (!isOver) {
    const [found] = (await detector.detect(video)).filter(({ rawValue }) => rawValue.startsWith('shc:/'))
    if (found) {
      end()
      await check(page, found.rawValue, facts)
    } else await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

export function start(page: Page, browser: Browser, facts: Facts): void {
  const of = (id: string) => page.getElementById(id)
  const language = of('language')
  speak(page, chosenLanguage(browser.languages ?? [], facts.words), facts)
  language.value = page.documentElement.lang
  language.addEventListener('change', () => speak(page, language.value, facts))
  of('check').addEventListener('click', () => void check(page, of('text').value, facts))
  of('file').addEventListener('change', () => {
    const [file] = of('file').files ?? []
    if (file) void file.text().then((text) => check(page, text, facts))
  })
  const canScan = 'BarcodeDetector' in globalThis && browser.mediaDevices !== undefined
  of('scan').hidden = !canScan
  of('no-camera').hidden = canScan
  of('scan').addEventListener(
    'click',
    () =>
      void scan(page, browser, facts).catch(() => {
        of('scan').hidden = true
        of('no-camera').hidden = false
      }),
  )
}

export type Keyword = 'stop' | 'start' | 'help'

// One word, and nothing else: who writes "please do not stop" does not want it to. CANCEL is none of them: people mean their visit by it.
const words: Readonly<Record<Keyword, readonly string[]>> = {
  stop: [
    'stop',
    'stopall',
    'unsubscribe',
    'end',
    'quit',
    'arret',
    'arrêt',
    'pare',
    'parar',
    'alto',
    'acha',
    'simama',
    'አቁም',
    'توقف',
    'إيقاف',
    '停止',
  ],
  start: ['start', 'unstop', 'subscribe', 'commencer', 'iniciar', 'empezar', 'anza', 'ጀምር', 'ابدأ', '开始'],
  help: ['help', 'info', 'aide', 'ajuda', 'ayuda', 'msaada', 'እርዳታ', 'مساعدة', '帮助'],
}

const meanings = new Map(
  (Object.entries(words) as [Keyword, readonly string[]][]).flatMap(([meaning, all]) =>
    all.map((word) => [word.normalize('NFKC').toLowerCase(), meaning] as const),
  ),
)

/** What somebody asks for by a text of one word, whatever the case and the punctuation around it. */
export const keywordIn = (text: string): Keyword | undefined =>
  meanings.get(
    text
      .normalize('NFKC')
      .toLowerCase()
      .replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}\p{M}]+$/gu, ''),
  )

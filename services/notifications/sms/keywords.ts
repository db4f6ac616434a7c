import type { Language } from '#platform/language.ts'

export type Keyword = 'stop' | 'start' | 'help'

// One word, and nothing else: who writes "please do not stop" does not want it to. CANCEL is none of them: people mean their visit by it.
const words: Readonly<Record<Keyword, { [L in Language | 'everywhere']?: readonly string[] }>> = {
  stop: {
    everywhere: ['stop', 'stopall', 'unsubscribe', 'end', 'quit', 'pare', 'alto', 'acha', 'አቁም', '停止'],
    fr: ['arret', 'arrêt'],
    pt: ['parar'],
    sw: ['simama'],
    ar: ['توقف', 'إيقاف'],
    hi: ['रोकें', 'रोको', 'बंद'],
  },
  start: {
    everywhere: ['start', 'unstop', 'subscribe', 'iniciar', 'ጀምር', '开始'],
    fr: ['commencer'],
    es: ['empezar'],
    sw: ['anza'],
    ar: ['ابدأ'],
    hi: ['शुरू'],
  },
  help: {
    everywhere: ['help', 'info', 'እርዳታ', '帮助'],
    fr: ['aide'],
    pt: ['ajuda'],
    es: ['ayuda'],
    sw: ['msaada'],
    ar: ['مساعدة'],
    hi: ['मदद', 'सहायता'],
  },
}

interface Meaning {
  keyword: Keyword
  language: Language | undefined
}

const plain = (word: string) => word.normalize('NFKC').toLowerCase()

const meanings = new Map(
  (Object.keys(words) as Keyword[]).flatMap((keyword) =>
    Object.entries(words[keyword]).flatMap(([language, all]) =>
      all.map((word): [string, Meaning] => [
        plain(word),
        { keyword, language: language === 'everywhere' ? undefined : (language as Language) },
      ]),
    ),
  ),
)

const meaningOf = (text: string): Meaning | undefined =>
  meanings.get(plain(text).replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}\p{M}]+$/gu, ''))

/** What somebody asks for by a text of one word, whatever the case and the punctuation around it. */
export const keywordIn = (text: string): Keyword | undefined => meaningOf(text)?.keyword

/** In which language they asked, where the word is of one alone. */
export const languageOfWord = (text: string): Language | undefined => meaningOf(text)?.language

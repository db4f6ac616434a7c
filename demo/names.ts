// Given names that are common; family names that nobody has: words for the sea, the weather and zero. So each name looks like one, in its
// script, and belongs to nobody.

export type Script = 'Latin' | 'Arabic' | 'Ethiopic' | 'CJK'

export interface Tongue {
  language: string
  script: Script
  /** How many of a hundred people. */
  share: number
  female: readonly string[]
  male: readonly string[]
  family: readonly string[]
  order: 'given-first' | 'family-first' | 'family-first-joined'
  /** Of a practitioner, who is a woman or not; CJK puts it after the name. */
  title: readonly [string, string]
}

const words = (list: string) => list.split(' ')
const phrases = (list: string) => list.split(', ')

export const tongues: readonly Tongue[] = [
  {
    language: 'en',
    script: 'Latin',
    share: 30,
    female: words(
      'Grace Esi Abena Mary Efua Joy Ruth Akosua Hope Naomi Adjoa Faith Sarah Ama Lydia Patience Dorcas Yaa',
    ),
    male: words('Kwame Kofi Samuel Yaw Daniel Kojo Isaac Peter Kwesi Joseph Emmanuel Felix Kwabena Michael Ebo Thomas'),
    family: words(
      'Tradewind Nullstone Meridian Doldrum Equatoria Zerowave Highwater Seagrass Saltmarsh Lanternfish Farbuoy Deepcurrent Plumbline Halcyonsea Mistbank Gulfstar Longswell Tidewright Coralhead Windrose',
    ),
    order: 'given-first',
    title: ['Dr', 'Dr'],
  },
  {
    language: 'fr',
    script: 'Latin',
    share: 14,
    female: words('Aïcha Léonie Zoé Éloïse Mariétou Inès Hélène Fatoumata Noémie Cécile Aminata Geneviève'),
    male: words('André Moïse Gaël Sékou François Jérôme Boubacar Loïc Noël Célestin Théo Amadou'),
    family: words(
      'Zéromarée Brisemer Équatorial Nulleterre Hauteécume Grandlarge Beauphare Longuehoule Vaguenoire Pointdesel',
    ),
    order: 'given-first',
    title: ['Dr', 'Dr'],
  },
  {
    language: 'pt',
    script: 'Latin',
    share: 8,
    female: words('Conceição Inês Açucena Luísa Graça Leonor Benedita Catarina Assunção'),
    male: words('João Simão Sebastião Tomás Inácio Estêvão Nuno Gonçalo Zacarias'),
    family: words('Marézero Ventonulo Equadorinha Salmarinho Ilhéuzinho Faroalto Ondulação Coraçãodemar'),
    order: 'given-first',
    title: ['Dr.ª', 'Dr.'],
  },
  {
    language: 'yo',
    script: 'Latin',
    share: 6,
    female: words('Adéọlá Fúnmiláyọ̀ Títílayọ̀ Ṣadé Yétúndé Mọ́remí'),
    male: words('Olúwaṣeun Adébáyọ̀ Táíwò Ọláyínká Káyọ̀dé Ṣẹ́gun'),
    family: words('Òkunòdo Ìgbìòkun Erékùṣùòdo Afẹ́fẹ́òkun Iyọ̀òkun Ọkọ̀òdo'),
    order: 'given-first',
    title: ['Dókítà', 'Dókítà'],
  },
  {
    language: 'ar',
    script: 'Arabic',
    share: 16,
    female: words('ليلى أمينة فاطمة نور مريم سلمى هدى زينب ياسمين رقية سمية عائشة'),
    male: words('يوسف عمر خالد حسن إبراهيم سليم كريم طارق إدريس بلال مصطفى زيد'),
    family: phrases(
      'صفر البحر, المدّ العالي, خطّ الاستواء, المنارة البعيدة, الموج الأزرق, ريح التجارة, ملح الخليج, جزيرة العدم, شراع الصفر',
    ),
    order: 'given-first',
    title: ['د.', 'د.'],
  },
  {
    language: 'am',
    script: 'Ethiopic',
    share: 14,
    female: words('ሰላም ሀና ትዕግስት ቤተልሔም ራሔል አስቴር ማርታ ሕይወት ሶስና ዘውድነሽ'),
    male: words('ዳዊት ዮሐንስ አበበ ብርሃኑ ሰሎሞን ተስፋዬ ኃይሌ ግርማ ሳሙኤል ታደሰ'),
    family: phrases('ዜሮ ባሕር, ማዕበል ዜሮ, ደሴት ባዶ, የባሕር ኮከብ, መልህቅ ጨው, የንግድ ነፋስ, የወገብ መስመር, ባዶ ወደብ'),
    order: 'given-first',
    title: ['ዶ/ር', 'ዶ/ር'],
  },
  {
    language: 'zh',
    script: 'CJK',
    share: 7,
    female: words('美玲 静怡 雅婷 晓燕 思涵 梦洁'),
    male: words('志强 伟明 建国 俊杰 浩然 子轩'),
    family: words('零海 浪島 潮灯 无洲 盐湾 赤道'),
    order: 'family-first-joined',
    title: ['医生', '医生'],
  },
  {
    language: 'ja',
    script: 'CJK',
    share: 3,
    female: words('さくら 陽子 美咲 ひかり'),
    male: words('健太 翔 大輔 まこと'),
    family: words('零ヶ浦 無人島 潮標 赤道沖'),
    order: 'family-first',
    title: ['先生', '先生'],
  },
  {
    language: 'ko',
    script: 'CJK',
    share: 2,
    female: words('지은 수빈 하윤 서연'),
    male: words('민준 도윤 현우 지호'),
    family: words('영바다 빈섬 파도령 적도항'),
    order: 'family-first-joined',
    title: ['선생님', '선생님'],
  },
]

export const tongueOf = (language: string): Tongue => {
  const found = tongues.find((one) => one.language === language)
  if (!found) throw new Error(`No names in ${language}`)
  return found
}

export function fullName({ order }: Tongue, given: string, family: string): string {
  if (order === 'given-first') return `${given} ${family}`
  return order === 'family-first' ? `${family} ${given}` : `${family}${given}`
}

export function withTitle({ script, title }: Tongue, name: string, gender: string): string {
  const word = title[gender === 'female' ? 0 : 1]
  return script === 'CJK' ? `${name}${word}` : `${word} ${name}`
}

// Null Island: the country at 0° N 0° E, where there is nothing but water (5,000 m of it) and, in every careless data set, a great deal else.
// All coordinates lie in the open sea of the Gulf of Guinea, within a degree of that point; the nearest real shore is 500 km away.

export const SEED = 'null-island'

export interface DemoPlace {
  name: string
  /** The same in other languages. */
  names: Readonly<Record<string, string>>
  latitude: number
  longitude: number
  zone: string
  /** How many of the people live near it, relative to the others. */
  share: number
}

const ACCRA = 'Africa/Accra'
const place = (
  [name, names]: [string, Record<string, string>],
  [latitude, longitude]: [number, number],
  share: number,
  zone = ACCRA,
): DemoPlace => ({ name, names, latitude, longitude, zone, share })

/**
 * 25 places. Twenty keep Accra's time, as their neighbours ashore would. Five keep the clocks of those who settled there, so that whoever
 * tries the demonstration meets what clocks do: summer time (Lisbon), quarter and half hours (Kathmandu, St John's), and both at once, with
 * a summer time of half an hour (Lord Howe).
 */
export const places: readonly DemoPlace[] = [
  place(
    ['Zero Harbour General Hospital', { fr: 'Hôpital général du Port-Zéro', ar: 'مستشفى ميناء صفر العام' }],
    [0.0021, 0.0034],
    14,
  ),
  place(
    ['Meridian Quay Clinic', { fr: 'Clinique du quai Méridien', pt: 'Clínica do Cais Meridiano' }],
    [0.0412, -0.0187],
    9,
  ),
  place(['عيادة خط الاستواء', { en: 'Equator Line Clinic', fr: 'Clinique de l’Équateur' }], [-0.0034, 0.1622], 8),
  place(['ዜሮ ደሴት ጤና ጣቢያ', { en: 'Zero Islet Health Centre' }], [0.1875, 0.0931], 7),
  place(['零島診所', { en: 'Null Isle Surgery', ja: '零島診療所' }], [-0.1428, -0.0715], 6),
  place(['Buoy 13010 Infirmary', { fr: 'Infirmerie de la bouée 13010' }], [0.0102, 0.0498], 5),
  place(['Clínica da Maré Zero', { en: 'Zero Tide Clinic' }], [0.2954, -0.2143], 5),
  place(['Centre de santé de Brisemer', { en: 'Brisemer Health Centre' }], [-0.2791, 0.2386], 5),
  place(['Doldrum Bay Maternity', { yo: 'Ilé ìgbẹ̀bí Òkun Òdo' }], [0.3517, 0.2908], 4),
  place(['مركز المدّ العالي الصحي', { en: 'High Tide Health Centre' }], [0.4126, -0.0847], 4),
  place(['የወገብ መስመር ሆስፒታል', { en: 'Equator Hospital', fr: 'Hôpital de la Ligne' }], [-0.4063, 0.0379], 4),
  place(['Tradewind Point Practice', {}], [0.5218, 0.4471], 3),
  place(['Ilé ìwòsàn Erékùṣù Òdo', { en: 'Nought Island Clinic' }], [-0.5397, -0.3622], 3),
  place(['Saltmarsh Eye House', {}], [0.0883, -0.5276], 3),
  place(['潮灯诊所', { en: 'Tide Lantern Clinic' }], [-0.1149, 0.5833], 3),
  place(['Posto de Saúde do Farol', { en: 'Lighthouse Health Post' }], [0.6344, -0.3918], 2),
  place(['مستوصف المنارة البعيدة', { en: 'Far Light Dispensary' }], [-0.6571, 0.3127], 2),
  place(['ማዕበል ክሊኒክ', { en: 'Swell Clinic' }], [0.2236, 0.7215], 2),
  place(['Halcyon Reef Rehabilitation', {}], [-0.3368, -0.6984], 2),
  place(['Dispensaire de Nulleterre', { en: 'Nowhere Dispensary' }], [0.7829, 0.1163], 2),
  place(['Clínica dos Lisboetas', { en: 'New Lisbon Clinic' }], [-0.7716, -0.0954], 2, 'Europe/Lisbon'),
  place(['Centro da Hora de Verão', { en: 'Summer Time Centre' }], [0.0567, 0.8492], 2, 'Europe/Lisbon'),
  place(['Himal Sandbank Clinic', {}], [-0.5872, 0.6718], 1, 'Asia/Kathmandu'),
  place(['New St John’s Nursing Station', {}], [0.4491, -0.7937], 1, 'America/St_Johns'),
  place(['Half-Hour Cay Clinic', { fr: 'Clinique de la Demi-Heure' }], [-0.8233, -0.4419], 1, 'Australia/Lord_Howe'),
]

/** One for everybody here, known to everybody: there is nothing behind it but fiction. */
export const DEMO_PASSWORD = 'null-island-lantern'
/** Of that password, with a salt made of the seed: loading need not wait for thousands of hashes, and the same seed gives the same row. */
export const DEMO_PASSWORD_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$gyPfXgeKzcj13HxnziRtyQ$HpTW+0ULvUrmn+/M5xO1Bywo5CejvrNM1xZ8+tRaSrI'

/** Reserved by RFC 2606 §2: mail to it goes nowhere. */
export const DEMO_DOMAIN = 'null-island.example'

/** The North American numbering plan keeps 555-0100 to 555-0199 of each area code for fiction: a hundred numbers each. */
const areaCodes = [
  201, 202, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218, 219, 224, 225, 228, 229, 231, 234,
  239, 240, 248, 251, 252, 253, 254, 256, 260, 262, 267, 269, 270, 276, 281, 301, 302, 303, 304, 305, 307, 308, 309,
  310, 312, 313, 314, 315, 316, 317, 318, 319, 320, 321, 323, 330, 334, 336, 337, 339, 347, 351, 352, 360, 361, 386,
  401, 402, 404, 405, 406, 407, 408, 409, 410,
]

/** The nth number that rings nowhere. */
export function fictitiousPhone(n: number): string {
  const area = areaCodes[Math.floor(n / 100)]
  if (area === undefined) throw new Error(`There are only ${areaCodes.length * 100} fictitious numbers`)
  return `+1${area}55501${String(n % 100).padStart(2, '0')}`
}

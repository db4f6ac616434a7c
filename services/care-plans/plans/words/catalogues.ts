import type { Language } from '#platform/language.ts'
import { ar } from './ar.ts'
import { en } from './en.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'
import { hi } from './hi.ts'
import { pt } from './pt.ts'
import { sw } from './sw.ts'
import type { Words } from './words.ts'

export const catalogues: Readonly<Record<Language, Words>> = { en, fr, pt, es, sw, ar, hi }

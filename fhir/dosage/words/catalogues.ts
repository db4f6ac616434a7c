import type { Language } from '#platform/language.ts'
import { ar } from './ar.ts'
import { en, type Words } from './en.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'
import { hi } from './hi.ts'
import { pt } from './pt.ts'
import { sw } from './sw.ts'

export const catalogues: Readonly<Record<Language, Words>> = { en, fr, pt, es, sw, ar, hi }

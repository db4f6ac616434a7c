import { createHash } from 'node:crypto'
import { type Language, languageOf } from '#platform/language.ts'
import { ar } from './ar.ts'
import { en } from './en.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'
import { hi } from './hi.ts'
import { pt } from './pt.ts'
import { sw } from './sw.ts'
import type { Phrase, Template, Wording, Words } from './words.ts'

export const catalogues: Readonly<Record<Language, Words>> = { en, fr, pt, es, sw, ar, hi }

/** The words for a tag: whoever asks has seen to it that there are some. */
export const wordsFor = (tag: string): Words => catalogues[languageOf(tag) ?? 'en']

/** All that a message was made from, but for names and times: with them it can be shown again as it was. */
export interface Kept {
  message: Wording
  phrases: Readonly<Record<Phrase, string>>
}

export interface Version extends Kept {
  version: string
  template: string
  language: Language
}

const versions = new Map<string, Version>()

/** What a message is made from today. Its version is a digest, so that other words have another one; nobody can forget to raise it. */
export function versionOf(template: string, tag: string): Version | undefined {
  const language = languageOf(tag) ?? 'en'
  const key = `${language} ${template}`
  const known = versions.get(key)
  if (known || !isTemplate(template)) return known
  const kept = { message: catalogues[language].messages[template], phrases: catalogues[language].phrases }
  const version = digestOf(key, kept)
  const made = { ...kept, version, template, language }
  versions.set(key, made)
  return made
}

const isTemplate = (name: string): name is Template => Object.hasOwn(catalogues.en.messages, name)

/** 96 bits of SHA-256. */
export const digestOf = (key: string, kept: Kept): string =>
  createHash('sha256')
    .update(`${key}\n${JSON.stringify(kept)}`)
    .digest('base64url')
    .slice(0, 16)

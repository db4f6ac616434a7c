import type { Static } from 'typebox'
import type { listConsentTexts } from './contract/consents.ts'

export type ConsentText = Static<typeof listConsentTexts.response>['items'][number]

/** A text that changes gets a new version, and what was answered to the old one stays with the old one. */
const VERSION = '2026-11'

const categories = {
  general: 'my record',
  'mental-health': 'what concerns my mental health',
  'sexual-health': 'what concerns my sexual and reproductive health',
  hiv: 'what concerns HIV',
  'substance-use': 'what concerns alcohol and drugs',
} as const

const purposes = {
  treatment: {
    default: 'permit',
    text: (what: string) =>
      `Those who treat me may read ${what} while they do. In an emergency it can be opened all the same; I am told at once.`,
  },
  messages: {
    default: 'permit',
    text: (what: string) =>
      `Messages about ${what} may be sent by e-mail or telephone, to me and to caregivers whom I have given this power. If not, they wait for me after I sign in.`,
  },
  research: {
    default: 'deny',
    text: (what: string) => `${what[0]?.toUpperCase()}${what.slice(1)} may be used for research, without my name.`,
  },
  'public-health': {
    default: 'permit',
    text: (what: string) =>
      `${what[0]?.toUpperCase()}${what.slice(1)} may be counted in reports on the health of the population, without my name.`,
  },
} as const

export const consentTexts: readonly ConsentText[] = Object.entries(purposes).flatMap(([purpose, about]) =>
  Object.entries(categories).map(([category, what]) => ({
    purpose: purpose as ConsentText['purpose'],
    category: category as ConsentText['category'],
    version: VERSION,
    text: about.text(what),
    default: about.default,
  })),
)

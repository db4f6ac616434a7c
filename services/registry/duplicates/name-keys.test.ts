import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { matchOf, skeletonOf, tokensOf } from './name-keys.ts'

const soundsOf = (name: string) => tokensOf(name).map(skeletonOf).sort().join(' ')

describe('names of one person', () => {
  for (const [name, ...others] of [
    ['Mohammed Hassan', 'محمد حسن', 'Muhamad Hasan', 'Hassan, Mohamed'],
    ['Omar Youssef', 'عمر يوسف', 'Omar Yusuf'],
    ['Saba Tesfaye', 'ሳባ ተስፋዬ', 'SABA TESFAYÉ'],
    ['Amit Sharma', 'अमित शर्मा', 'Ameet Sarma'],
    ['Ekaterina Petrova', 'Екатерина Петрова', 'Yekaterina Petrova'],
    ['Wang Wei', '王伟', 'Wei Wang'],
    ['Giorgos Papadopoulos', 'Γιώργος Παπαδόπουλος', 'Giorgos Papadopulos'],
  ] as const)
    it(`${name} sounds like ${others.join(' and ')}`, () => {
      for (const other of others) assert.equal(soundsOf(other), soundsOf(name), other)
    })
})

describe('what two records are found by', () => {
  const facts = { name: 'Saba Tesfaye', birthDate: '1987-06-05', gender: 'female', phone: '+251911123456' }
  const shared = (change: object) => {
    const one = matchOf(facts)
    return matchOf({ ...facts, ...change }).keys.some((key) => one.keys.includes(key))
  }

  it('is shared after any one slip, and by nobody who has nothing in common', () => {
    for (const change of [
      { birthDate: '1987-05-06', phone: null },
      { birthDate: '1978-06-05', phone: null },
      { birthDate: '1987-06-15', phone: null },
      { name: 'Tesfaye Saba', phone: null },
      { name: 'Sabla Tesfanye', phone: null },
      { name: 'Somebody Else', birthDate: '1950-01-01' },
    ])
      assert.ok(shared(change), JSON.stringify(change))
    assert.ok(!shared({ name: 'Lars Olsen', birthDate: '1950-01-01', phone: '+4712345678' }))
  })

  it('can be made of any name', () => {
    for (const name of ['🙂', "'", '‮Ali', 'a'.repeat(200), '王'.repeat(200), 'ﷺ'.repeat(200), 'x '.repeat(100)]) {
      const { tokens, skeletons, keys } = matchOf({ ...facts, name })
      assert.equal(tokens.length, skeletons.length, name)
      assert.ok(tokens.length <= 8 && keys.length < 80, name)
      assert.ok(tokens.every((token) => token.length <= 40))
    }
  })
})

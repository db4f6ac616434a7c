import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isCommon } from './common-passwords.ts'
import { checkNewPassword } from './passwords.ts'

const refused = (password: string, own: string[] = []) => {
  try {
    checkNewPassword(password, own, '/body/password')
    return false
  } catch {
    return true
  }
}

describe('passwords that others try first', () => {
  for (const password of [
    'qwertyuiop',
    '1q2w3e4r5t6y',
    'Basketball',
    'ＰＡＳＳＷＯＲＤ１２３',
    'Password2031!',
    'P@ssw0rd2031',
    '123sunshine!!',
    'passwordpassword',
    'monkey12monkey12',
    'abcabcabcabc',
    'abcdefghijkl',
    '9876543210987',
    'openhcs2031',
    'aaaaaaaaaaaa',
  ])
    it(`refuses ${password}`, () => assert.ok(refused(password)))

  it('refuses the own name or number with a little around it', () => {
    assert.ok(refused('some.body.1', ['some.body']))
    assert.ok(refused('201234567890', ['201234567890']))
  })

  it('asks for no digits and no signs, and lets long phrases and every script pass', () => {
    for (const password of [
      'salt-harbour-lantern',
      'no digits no capitals',
      'correct horse battery staple',
      'ውሃ ዛፍ ተራራ ወንዝ',
      'xkqvzjwpbg',
      '7301946285',
    ])
      assert.equal(refused(password), false, password)
  })

  it('costs little for a long one', () => {
    assert.equal(isCommon(`${'ab'.repeat(63)}x-`), false)
  })
})

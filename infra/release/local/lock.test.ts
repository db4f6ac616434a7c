import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { lockFolder } from './lock.ts'

const folder = mkdtempSync(join(realpathSync(tmpdir()), 'openhcs-lock-'))
after(() => rmSync(folder, { recursive: true, force: true }))

describe('the lock of a folder', { skip: process.platform !== 'linux' }, () => {
  it('is held by one of many who want it at once', async () => {
    const all = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)))
    const held = all.filter((one) => one.status === 'fulfilled')
    assert.equal(held.length, 1)
    for (const one of all)
      if (one.status === 'rejected') assert.match(String(one.reason), /Another release is under way/)
    await held[0]?.value[Symbol.asyncDispose]()
    await using _again = await lockFolder(folder)
  })

  it('is free as soon as its holder is dead', async () => {
    const code = `import { lockFolder } from '${new URL('lock.ts', import.meta.url).href}'
      await lockFolder('${folder}')
      console.log('held')
      setInterval(() => {}, 1000)`
    const holder = spawn(process.execPath, ['--input-type=module-typescript', '--eval', code])
    await once(holder.stdout, 'data')
    await assert.rejects(lockFolder(folder), /Another release is under way/)
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    await using _free = await lockFolder(folder)
  })
})

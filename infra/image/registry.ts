import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../tests/processes.ts'
import { type Pushed, push } from './push.ts'
import { run } from './run.ts'

/**
 * Pushes both builds as a delivery does, to a registry of this machine, and gives the digest by which it is called there: another one than in the local
 * store, since layers are compressed on their way, but the same for both.
 */
export async function checkPush(images: readonly [string, string]): Promise<string> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'openhcs-registry-'))
  const port = await freePort()
  const settings = `version: 0.1\nstorage: { filesystem: { rootdirectory: ${folder}/images } }\nhttp: { addr: 127.0.0.1:${port} }\n`
  writeFileSync(join(folder, 'config.yml'), settings)
  const registry = spawn('/usr/bin/docker-registry', ['serve', join(folder, 'config.yml')], { stdio: 'ignore' })
  try {
    for (let attempt = 0; !(await answers(port)); attempt++) {
      assert.ok(attempt < 100 && registry.exitCode === null, 'the registry does not start')
      await sleep(50)
    }
    const [first, second] = images.map((image) => push(`127.0.0.1:${port}`, { tls: false, image })) as [Pushed, Pushed]
    assert.equal(first.digest, second.digest)
    run('skopeo', ['inspect', '--tls-verify=false', `docker://${first.name}@${first.digest}`])
    return first.digest
  } finally {
    if (registry.exitCode === null && registry.kill()) await once(registry, 'exit')
    rmSync(folder, { recursive: true, force: true })
  }
}

const answers = (port: number) =>
  fetch(`http://127.0.0.1:${port}/v2/`).then(
    ({ ok }) => ok,
    () => false,
  )

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../tests/processes.ts'
import { copy, type Pushed, store } from './copy.ts'
import { run } from './run.ts'

/**
 * Pushes both builds as a delivery does, to a registry of this machine, and gives the digest by which it is called there: another one than in the local
 * store, since layers are compressed on their way, but the same for both. Then that registry goes, and the image is copied to the next one.
 */
export async function checkPush(images: readonly [string, string]): Promise<string> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'openhcs-registry-'))
  const plain = { tls: false }
  try {
    const [first, second] = images.map((image, i) => store(image, join(folder, `layout-${i}`)))
    assert.ok(first && second)
    assert.equal(first.digest, second.digest)
    {
      await using staging = await startRegistry(join(folder, 'staging'))
      inspect(copy(staging.address, first, plain))
      copy(staging.address, second, plain)
    }
    await using production = await startRegistry(join(folder, 'production'))
    const another = { ...first, digest: `sha256:${'0'.repeat(64)}` }
    assert.throws(() => copy(production.address, another, plain), /layout-0.* should be sha256:0/)
    inspect(copy(production.address, first, plain))
    rmSync(first.folder, { recursive: true })
    inspect(copy(production.address, first, plain)) // again, where nothing is left to do
    return first.digest
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const inspect = ({ name, digest }: Pushed) =>
  assert.equal(
    run('skopeo', ['inspect', '--tls-verify=false', '--format', '{{.Digest}}', `docker://${name}@${digest}`]),
    digest,
  )

async function startRegistry(folder: string): Promise<AsyncDisposable & { address: string }> {
  const address = `127.0.0.1:${await freePort()}`
  const settings = `version: 0.1\nstorage: { filesystem: { rootdirectory: ${folder} } }\nhttp: { addr: ${address} }\n`
  writeFileSync(`${folder}.yml`, settings)
  const registry = spawn('/usr/bin/docker-registry', ['serve', `${folder}.yml`], { stdio: 'ignore' })
  const started = {
    address,
    async [Symbol.asyncDispose]() {
      if (registry.exitCode === null && registry.kill()) await once(registry, 'exit')
    },
  }
  for (let attempt = 0; !(await answers(address)); attempt++) {
    if (attempt < 100 && registry.exitCode === null) await sleep(50)
    else {
      await started[Symbol.asyncDispose]()
      assert.fail('the registry does not start')
    }
  }
  return started
}

const answers = (address: string) =>
  fetch(`http://${address}/v2/`).then(
    ({ ok }) => ok,
    () => false,
  )

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { KubeConfig, KubernetesObjectApi } from '@kubernetes/client-node'
import { ownCertificate } from './testing-certificate.ts'
import { openTunnel } from './tunnel.ts'

const HOST = 'ABC123.gr7.eu-test-1.eks.example'

/** What `aws ssm start-session` does with its plugin: a second process that forwards, and outlives the first unless it is told. */
const FAKE_AWS = (folder: string, apiPort: number, fault: string) => `#!${process.execPath}
const { spawn } = require('node:child_process')
const { connect, createServer } = require('node:net')
const { appendFileSync } = require('node:fs')
const args = process.argv.slice(2)
const note = (line) => appendFileSync(${JSON.stringify(join(folder, 'noted'))}, JSON.stringify(line) + '\\n')
if (args[0] === 'plugin') {
  note({ pid: process.pid })
  createServer((socket) => {
    const api = connect(${apiPort}, '127.0.0.1')
    socket.pipe(api).pipe(socket)
    for (const end of [socket, api]) end.on('error', () => {}).on('close', () => { socket.destroy(); api.destroy() })
  }).listen(Number(args[1]), '127.0.0.1')
} else if (args[0] === 'ec2') {
  process.stdout.write(${JSON.stringify(fault === 'no nodes' ? '[]' : '["i-1", "i-2"]')})
} else if (${JSON.stringify(fault)} === 'refused') {
  process.stderr.write('SessionManagerPlugin is not found')
  process.exitCode = 255
} else {
  note({ pid: process.pid, args })
  const { localPortNumber: [port] } = JSON.parse(args.at(-1))
  if (${JSON.stringify(fault)} === 'silent') setInterval(() => {}, 1000)
  else spawn(process.execPath, [__filename, 'plugin', port], { stdio: 'inherit' })
}
`

interface Noted {
  pid: number
  args?: string[]
}

/** An API with a certificate for `name`, a program `aws` that reaches it, and a configuration that says where it would be without a tunnel. */
async function place(fault = '', name = HOST) {
  const { key, cert } = ownCertificate(name)
  const api = createServer({ key, cert }, (_request, response) =>
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ kind: 'APIResourceList', resources: [{ name: 'pods', kind: 'Pod', namespaced: true }] })),
  )
  api.listen(0, '127.0.0.1')
  await once(api, 'listening')
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'openhcs-tunnel-'))
  writeFileSync(join(folder, 'aws'), FAKE_AWS(folder, (api.address() as AddressInfo).port, fault), { mode: 0o755 })
  const { PATH } = process.env
  process.env.PATH = [folder, PATH].join(delimiter)
  const config = new KubeConfig()
  config.loadFromClusterAndUser(
    { name: 'ours', server: `https://${HOST}`, skipTLSVerify: false, caData: Buffer.from(cert).toString('base64') },
    { name: 'driver', token: 'fictional' },
  )
  const noted = () =>
    readFileSync(join(folder, 'noted'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Noted)
  return {
    config,
    noted,
    ask: () => KubernetesObjectApi.makeApiClient(config).list('v1', 'Pod', 'openhcs'),
    async [Symbol.asyncDispose]() {
      process.env.PATH = PATH
      api.closeAllConnections()
      api.close()
      await once(api, 'close')
      rmSync(folder, { recursive: true })
    },
  }
}

/** A process that has ended, and that nobody has looked after yet, is still listed. */
const lives = ({ pid }: Noted) => {
  try {
    process.kill(pid, 0)
    return !(existsSync('/proc/self/stat') && readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '))
  } catch {
    return false
  }
}

async function gone(processes: Noted[]): Promise<void> {
  for (let look = 0; processes.some(lives); look++) {
    assert.ok(look < 2_000, 'a process of the tunnel was left')
    await sleep(10)
  }
}

describe('a tunnel to the API of a cluster', () => {
  it('is a port that a node forwards, and ends with all its processes', async () => {
    await using there = await place()
    const { config, noted, ask } = there
    {
      await using _tunnel = await openTunnel(config, 'openhcs-staging')
      await ask()
      assert.match(config.getCurrentCluster()?.server ?? '', /^https:\/\/127\.0\.0\.1:\d+$/)
      const [{ args = [] } = {}] = noted()
      assert.deepEqual(args.slice(0, -1), [
        ...['ssm', 'start-session', '--target', 'i-1'],
        ...['--document-name', 'AWS-StartPortForwardingSessionToRemoteHost', '--parameters'],
      ])
      const { host, portNumber } = JSON.parse(args.at(-1) ?? '')
      assert.deepEqual([host, portNumber], [[HOST.toLowerCase()], ['443']])
      assert.equal(noted().filter(lives).length, 2)
    }
    await gone(noted())
    await assert.rejects(ask())
  })

  it('is refused when the certificate at its end is for another name', async () => {
    await using there = await place('', 'somebody.else.example')
    await using _tunnel = await openTunnel(there.config, 'openhcs-staging')
    await assert.rejects(there.ask(), (error: Error) => {
      assert.match(`${error.cause ?? error}`, /does not match certificate's altnames/)
      return true
    })
  })

  it('is refused when nobody known has signed the certificate', async () => {
    await using there = await place()
    await using _tunnel = await openTunnel(there.config, 'openhcs-staging')
    const [cluster] = there.config.clusters
    there.config.clusters = [
      {
        ...cluster,
        caData: Buffer.from(ownCertificate(HOST).cert).toString('base64'),
      } as (typeof there.config.clusters)[0],
    ]
    await assert.rejects(there.ask(), (error: Error) => {
      assert.match(`${error.cause ?? error}`, /self-signed certificate|signature failure/)
      return true
    })
  })

  it('says what stands in its way, and leaves nothing', async () => {
    for (const [fault, said, patienceMs] of [
      ['refused', /start-session ended: SessionManagerPlugin is not found/, 60_000],
      ['no nodes', /No node of openhcs-staging runs/, 60_000],
      ['silent', /nothing was forwarded within 3 s/, 3_000],
    ] as const) {
      await using there = await place(fault)
      await assert.rejects(openTunnel(there.config, 'openhcs-staging', patienceMs), said)
      assert.equal(there.config.getCurrentCluster()?.server, `https://${HOST}`)
      if (fault === 'silent') await gone(there.noted())
    }
  })

  it('ends with the program that opened it, when that is stopped', async () => {
    await using there = await place()
    const script = `
      import { KubeConfig } from '@kubernetes/client-node'
      import { openTunnel } from ${JSON.stringify(join(import.meta.dirname, 'tunnel.ts'))}
      const config = new KubeConfig()
      config.loadFromClusterAndUser({ name: 'ours', server: 'https://${HOST}', skipTLSVerify: false }, { name: 'driver' })
      await openTunnel(config, 'openhcs-staging')
      process.stdout.write('open')
      setInterval(() => {}, 1000)`
    const driver = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: join(import.meta.dirname, '../../..'),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(driver.stdout, 'data')
    const left = there.noted()
    assert.equal(left.length, 2)
    driver.kill('SIGTERM')
    const [, signal] = await once(driver, 'exit')
    assert.equal(signal, 'SIGTERM')
    await gone(left)
  })
})

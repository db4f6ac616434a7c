import assert from 'node:assert/strict'
import type dns from 'node:dns'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type GuardedRequest, guardedFetch } from './guarded-fetch.ts'
import { isPermitted, mayReach, permittedBy } from './public-addresses.ts'

const nobody = permittedBy('')
const here = permittedBy('127.0.0.1/32')

async function serving(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: new URL(`http://127.0.0.1:${port}/`),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const fetched = (url: URL | string, more: Partial<GuardedRequest> = {}) =>
  guardedFetch(new URL(url), { permitted: here, maxBytes: 1_000, timeoutMs: 2_000, ...more })
const codeOf = async (url: URL | string, more: Partial<GuardedRequest> = {}) =>
  fetched(url, more).then(
    ({ status }) => status,
    (error) => error.code,
  )

/** A resolver by whose word a name means these addresses, one after another. */
const resolving = (...answers: string[]) => {
  let asked = 0
  return ((_name: string, _options: object, done: (error: null, found: dns.LookupAddress[]) => void) => {
    const address = answers[Math.min(asked++, answers.length - 1)] as string
    done(null, [{ address, family: address.includes(':') ? 6 : 4 }])
  }) as typeof dns.lookup
}

describe('which addresses may be reached', () => {
  it('public ones', () => {
    for (const address of ['93.184.216.34', '2606:2800:220:1::1'])
      assert.ok(mayReach('example.org', address, nobody), address)
  })

  it('not this machine, the network around it, or what is set apart, however it is written', () => {
    for (const address of [
      ...[
        '127.0.0.1',
        '::7f00:1',
        '127.9.9.9',
        '0.0.0.0',
        '10.1.2.3',
        '172.16.0.1',
        '192.168.1.1',
        '169.254.169.254',
        '100.64.0.1',
      ],
      ...['192.0.2.1', '198.18.0.1', '224.0.0.1', '240.0.0.1', '255.255.255.255', '::', '::1', '::ffff:10.0.0.1'],
      ...['::ffff:7f00:1', '64:ff9b::a00:1', '2002:a00:1::', '2001::1', 'fe80::1', 'fc00::1', 'fd12::1', 'ff02::1'],
      ...['2001:db8::1', 'fe80::1%eth0', 'nonsense', ''],
    ])
      assert.ok(!mayReach('example.org', address, nobody), address)
  })

  it('those of hosts and networks that are named', () => {
    const permitted = permittedBy('Calendar.Hospital.Example, 10.2.0.0/16, fd00::/8')
    assert.ok(mayReach('calendar.hospital.example', '10.9.0.1', permitted))
    assert.ok(mayReach('other.example', '10.2.3.4', permitted))
    assert.ok(mayReach('other.example', '::ffff:10.2.3.4', permitted))
    assert.ok(mayReach('other.example', 'fd12::1', permitted))
    assert.ok(!mayReach('other.example', '10.3.0.1', permitted))
    assert.ok(!isPermitted('other.example', 'other.example', permitted))
    assert.throws(() => permittedBy('10.2.0.0/99'))
  })
})

describe('guardedFetch', () => {
  it('asks, and answers with what came', async () => {
    await using server = await serving((request, response) =>
      response.end(`${request.method} ${request.headers.accept}`),
    )
    const { status, body } = await fetched(server.url, { method: 'PROPFIND', headers: { accept: 'text/calendar' } })
    assert.deepEqual([status, body.toString()], [200, 'PROPFIND text/calendar'])
  })

  it('never connects to an address that is not public, by number or by name', async () => {
    let asked = 0
    await using server = await serving((_request, response) => {
      asked++
      response.end()
    })
    const { port } = server
    for (const host of [
      '127.0.0.1',
      'localhost',
      '[::ffff:127.0.0.1]',
      '[::1]',
      '2130706433',
      '0x7f.1',
      '0177.0.0.1',
      '127.1',
    ])
      assert.equal(await codeOf(`http://${host}:${port}/`, { permitted: nobody }), 'address-refused', host)
    const lookup = resolving('127.0.0.1')
    assert.equal(await codeOf(`http://calendar.example:${port}/`, { permitted: nobody, lookup }), 'address-refused')
    assert.equal(asked, 0)
  })

  it('looks at the address that it connects to: a name that means another one by then gains nothing', async () => {
    const targets: number[] = []
    await using server = await serving((_request, response) => {
      targets.push(1)
      response.end()
    })
    // Public when somebody checks it first, and this machine when it is connected to.
    const lookup = resolving('127.0.0.1', '93.184.216.34')
    assert.equal(
      await codeOf(`http://calendar.example:${server.port}/`, { permitted: nobody, lookup }),
      'address-refused',
    )
    assert.deepEqual(targets, [])
  })

  it('follows where it is led under the same rules, and hands a password to nobody else', async () => {
    const seen: (string | undefined)[] = []
    await using other = await serving((request, response) => {
      seen.push(request.headers.authorization)
      response.end('there')
    })
    await using server = await serving((request, response) => {
      const to: Record<string, string> = {
        '/same': '/end',
        '/other': other.url.href,
        '/inside': 'http://10.0.0.1/',
        '/file': 'file:///etc/passwd',
        '/round': '/round',
        '/keys': `http://somebody@127.0.0.1:${other.port}/`,
      }
      const location = to[request.url ?? '']
      if (request.url === '/end') seen.push(request.headers.authorization)
      response.writeHead(location ? 302 : 200, location ? { location } : {}).end()
    })
    const at = (path: string) => codeOf(new URL(path, server.url), { headers: { authorization: 'Basic x' } })
    assert.equal(await at('/same'), 200)
    assert.equal(await at('/other'), 200)
    assert.deepEqual(seen, ['Basic x', undefined])
    assert.deepEqual(await Promise.all(['/inside', '/file', '/keys'].map(at)), Array(3).fill('address-refused'))
    assert.equal(await at('/round'), 'unreachable')
  })

  it('reads so much and waits so long', async () => {
    await using server = await serving((request, response) => {
      if (request.url === '/never') return
      if (request.url === '/packed') {
        response.setHeader('content-encoding', 'gzip')
        response.end(gzipSync('0'.repeat(1_000_000))) // a thousand bytes
      } else response.end('0'.repeat(request.url === '/fits' ? 1_000 : 1_001))
    })
    const at = (path: string, timeoutMs = 2_000) => codeOf(new URL(path, server.url), { timeoutMs })
    assert.deepEqual(await Promise.all([at('/fits'), at('/more'), at('/packed')]), [200, 'too-large', 'too-large'])
    assert.equal(await at('/never', 200), 'too-slow')
  })

  it('says no more than that nobody was reached', async () => {
    await using server = await serving((request) => request.socket.destroy())
    assert.equal(await codeOf(server.url), 'unreachable')
    assert.equal(await codeOf('gopher://127.0.0.1/'), 'address-refused')
  })
})

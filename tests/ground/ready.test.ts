import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, it } from 'node:test'
import { freePort } from '../processes.ts'

const main = new URL('../../main.ts', import.meta.url).pathname

async function ready(port: number): Promise<{ code: number; output: string }> {
  const env = { ...process.env, PORT: String(port), OPENHCS_SECRET_KEY: '0'.repeat(64) }
  const child = spawn(process.execPath, [main, 'ready'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  const [code] = await once(child, 'close')
  return { code, output }
}

describe('openhcs ready', () => {
  it('passes on what /readyz says, and fails where it does not answer 200', async () => {
    for (const status of [200, 503]) {
      const server = createServer((request, response) => response.writeHead(status).end(`at ${request.url}`))
      await once(server.listen(0, '127.0.0.1'), 'listening')
      const { code, output } = await ready((server.address() as { port: number }).port)
      server.close()
      assert.deepEqual([code, output], [status === 200 ? 0 : 1, 'at /readyz\n'])
    }
  })

  it('fails where nobody listens', async () => {
    assert.deepEqual(await ready(await freePort()), { code: 1, output: 'nobody answers\n' })
  })
})

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Session } from './s3.ts'

// What stands at 169.254.170.23 on a machine of EKS: for the token of a pod it hands out keys of the pod's role, which end. It tells the store of them.

export interface KeyAgent extends AsyncDisposable {
  url: string
  tokenFile: string
  /** Kubernetes puts another token into the file; the agent knows only the newest. */
  rotate(token: string): Promise<void>
  /** How often it was asked, believed or not. */
  asked: number
  /** How long keys hold that are handed out from now on. */
  lifeMs: number
  /** Answers with this instead, where set. */
  instead: ((response: ServerResponse) => void) | undefined
  /** Is waited for before it answers. */
  held: Promise<void>
}

export async function openKeyAgent(sessions: Map<string, Session>, now: () => number = Date.now): Promise<KeyAgent> {
  const folder = await mkdtemp(join(tmpdir(), 'openhcs-agent-'))
  const tokenFile = join(folder, 'eks-pod-identity-token')
  let believed = ''
  const agent: Pick<KeyAgent, 'asked' | 'lifeMs' | 'instead' | 'held'> = {
    asked: 0,
    lifeMs: 6 * 3_600_000,
    instead: undefined,
    held: Promise.resolve(),
  }
  const server = createServer(async (request, response) => {
    agent.asked++
    await agent.held
    if (agent.instead) return agent.instead(response)
    if (request.method !== 'GET' || request.url !== '/v1/credentials') return response.writeHead(404).end()
    if (request.headers.authorization !== believed) return response.writeHead(401).end('the token is not valid')
    const id = `ASIAFICTION${agent.asked}`
    const session = { secret: `secret-${agent.asked}`, token: `token/${agent.asked}+=`, endsAt: now() + agent.lifeMs }
    sessions.set(id, session)
    const keys = { AccessKeyId: id, SecretAccessKey: session.secret, Token: session.token }
    const answer = { ...keys, Expiration: new Date(session.endsAt).toISOString(), AccountId: '000000000000' }
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const rotate = async (token: string) => {
    believed = token
    await writeFile(tokenFile, token)
  }
  await rotate('header.first.signature')
  return Object.assign(agent, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/credentials`,
    tokenFile,
    rotate,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(folder, { recursive: true, force: true })
    },
  })
}

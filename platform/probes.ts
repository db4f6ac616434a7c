import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { CompiledQuery } from 'kysely'
import { Problem } from './errors.ts'
import type { House } from './house.ts'

const READY_MS = 2_000

/** /livez: the process turns. /readyz: it can serve (the database answers every room) and is not about to stop. /metrics: Prometheus. */
export function addProbes(app: FastifyInstance, house: House): void {
  let closing = false
  app.addHook('preClose', async () => {
    closing = true
  })
  app.get('/livez', async () => ({ status: 'alive' }))
  app.get('/readyz', async (_request, reply) => {
    const unready = closing ? ['closing'] : await unreachable(house)
    return reply
      .code(unready.length > 0 ? 503 : 200)
      .send({ status: unready.length > 0 ? 'not ready' : 'ready', unready })
  })
  app.get('/metrics', async (request, reply) => {
    if (!mayScrape(house, request.ip, request.headers))
      throw new Problem('not-found', 'There is no such address. See /docs for those that exist.')
    const { registry } = house.telemetry
    return reply.type(registry.contentType).send(await registry.metrics())
  })
}

async function unreachable({ databases }: House): Promise<string[]> {
  const answers = await Promise.all(
    [...databases].map(async ([room, { db }]) => {
      const answered = db.executeQuery(CompiledQuery.raw('select 1')).then(() => true)
      const late = new Promise<boolean>((done) => setTimeout(done, READY_MS, false).unref())
      return (await Promise.race([answered, late]).catch(() => false)) ? [] : [room]
    }),
  )
  return answers.flat()
}

/** Metrics name no person, but tell an attacker how an attack goes: this machine, or the holder of the token. */
function mayScrape({ config }: House, address: string, { authorization, ...headers }: IncomingHttpHeaders): boolean {
  const token = config.metricsToken?.reveal()
  if (token !== undefined) return authorization === `Bearer ${token}`
  // A proxy on this machine looks like this machine; what it forwards is somebody else's.
  if (headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined) return false
  return address === '127.0.0.1' || address === '::1' || address === '::ffff:127.0.0.1'
}

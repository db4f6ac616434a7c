import type { FastifyInstance } from 'fastify'
import { FHIR_BASE, facesOf } from './capability-statement.ts'
import { Problem } from './errors.ts'
import type { House } from './house.ts'
import type { OperationSpec } from './operation.ts'
import { operationDefinitions } from './operation-definition.ts'
import type { AnyService } from './service.ts'

// Addresses of the FHIR face, asked with a method that they do not have (RFC 9110 §15.5.6), or with OPTIONS (§9.3.7).

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** What answers GET there answers HEAD too: the same without the body (RFC 9110 §9.3.2). */
export const methodsOf = ({ method, url }: Pick<OperationSpec, 'method' | 'url'>): string[] =>
  method === 'GET' && url.startsWith(FHIR_BASE) ? ['GET', 'HEAD'] : [method]

/** 405 where the address is known and the method is not, whichever process has the room; OPTIONS tells those that are. */
export function addOtherMethods(app: FastifyInstance, { services, config }: House): void {
  const definitions = operationDefinitions(services, config.PUBLIC_URL).map(
    ({ id }) => `${FHIR_BASE}/OperationDefinition/${id}`,
  )
  const documents = [`${FHIR_BASE}/metadata`, ...definitions].map((url) => [url, ['GET', 'HEAD']] as const)
  const addresses = services.flatMap(addressesOf)
  const types = new Set(facesOf(services).flatMap(({ resources }) => resources.map(({ type }) => type)))
  const served = (url: string) => types.has(url.split('/')[3] ?? '')
  for (const [url, known] of Map.groupBy([...addresses, ...documents], ([url]) => url)) {
    const behind = addresses.filter(([general]) => general !== url && served(url) && covers(general, url))
    const methods = new Set<string>([...known, ...behind].flatMap(([, methods]) => methods))
    const allow = [...METHODS.filter((one) => methods.has(one)), 'OPTIONS'].join(', ')
    app.route({
      ...{ method: 'OPTIONS', url },
      // Browsers, which ask in their own way, are answered with what is added here; others get no refusal.
      config: { cors: { preflightContinue: true, strictPreflight: false } as never },
      handler: async (_request, reply) => reply.code(204).header('allow', allow).send(),
    })
    if (behind.length > 0) continue // what is left, the face answers or refuses
    app.route({
      ...{ method: METHODS.filter((one) => !methods.has(one)), url },
      onRequest: async (_request, reply) => {
        reply.header('allow', allow)
        throw new Problem('not-supported', 'This address has no such method. The Allow header names those it has.', {
          status: 405,
        })
      },
      handler: async () => undefined,
    })
  }
}

function addressesOf({ routes, mountedAt = [] }: AnyService): [string, readonly string[]][] {
  const own = routes.map(({ operation }): [string, string[]] => [operation.url, methodsOf(operation)])
  const mounted = mountedAt.flatMap((one): [string, readonly string[]][] =>
    typeof one === 'string' ? [] : [[one.url, one.methods]],
  )
  return [...own, ...mounted].filter(([url]) => url.startsWith(FHIR_BASE))
}

/** What a contract does not answer of a type that a face serves, the face answers at its own address of that form. */
function covers(general: string, url: string): boolean {
  const parts = url.split('/')
  const of = general.split('/')
  return (
    of.length === parts.length &&
    of.every((one, n) => one === parts[n] || (one.startsWith(':') && /^(?:[A-Z][A-Za-z]*|:.*)$/.test(parts[n] ?? '')))
  )
}

import type { FhirInteraction, OperationSpec } from './operation.ts'
import type { AnyService } from './service.ts'

// What the FHIR face can do, gathered from the contracts of all rooms, whether or not they run in this process: as the OpenAPI document is.

interface Info {
  version: string
  publicUrl: string
  /** Since when it is so: of the process, since what it can do does not change while it runs. */
  date: Date
}

type OfFhir = OperationSpec & { fhir: FhirInteraction }
type OfOperation = FhirInteraction & { operation: NonNullable<FhirInteraction['operation']> }

export const FHIR_BASE = '/fhir/R4'

const fhirOf = (services: readonly AnyService[]): OfFhir[] =>
  services.flatMap(({ routes }) => routes.map(({ operation }) => operation)).filter((one): one is OfFhir => !!one.fhir)

const operationsOf = (services: readonly AnyService[]): OfOperation[] =>
  fhirOf(services).flatMap(({ fhir }) => (fhir.operation ? [{ ...fhir, operation: fhir.operation }] : []))

/** R4 CapabilityStatement of this installation. */
export function capabilityStatement(services: readonly AnyService[], { version, publicUrl, date }: Info): object {
  const all = fhirOf(services).map(({ fhir }) => fhir)
  const types = [...new Set(all.flatMap(({ resource }) => resource ?? []))].sort()
  const system = shownOperations(
    all.filter(({ resource }) => !resource),
    publicUrl,
  )
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: date.toISOString(),
    kind: 'instance',
    software: { name: 'OpenHCS', version },
    implementation: { description: 'OpenHCS, the Open Health Care Services API', url: publicUrl + FHIR_BASE },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'json'],
    rest: [
      {
        mode: 'server',
        security: {
          cors: true,
          service: [
            {
              coding: [
                {
                  system: 'http://terminology.hl7.org/CodeSystem/restful-security-service',
                  code: 'SMART-on-FHIR',
                },
              ],
            },
          ],
          description: `A token as everywhere here; see ${publicUrl}/.well-known/smart-configuration`,
        },
        resource: types.map((type) =>
          resourceOf(
            type,
            all.filter(({ resource }) => resource === type),
            publicUrl,
          ),
        ),
        ...(system.length > 0 && { operation: system }),
      },
    ],
  }
}

function resourceOf(type: string, of: readonly FhirInteraction[], publicUrl: string): object {
  const plain = of.filter(({ interaction }) => interaction !== 'operation')
  const search = of.flatMap(({ search }) => Object.entries(search ?? {}))
  const operation = shownOperations(of, publicUrl)
  return {
    type,
    ...(plain.length > 0 && { interaction: plain.map(({ interaction: code }) => ({ code })) }),
    versioning: 'no-version',
    ...(search.length > 0 && { searchParam: search.map(([name, one]) => ({ name, ...one })) }),
    ...(operation.length > 0 && { operation }),
  }
}

/** One that is asked with GET and with POST is one. */
const shownOperations = (of: readonly FhirInteraction[], publicUrl: string) =>
  [...new Map(of.flatMap((one) => (one.operation ? [[one.operation.name, one] as const] : []))).entries()].map(
    ([name, one]) => ({ name, definition: publicUrl + definitionPath(one, name) }),
  )

const idOf = ({ resource = 'System' }: FhirInteraction, name: string) => `${resource}-${name}`

const definitionPath = (of: FhirInteraction, name: string) => `${FHIR_BASE}/OperationDefinition/${idOf(of, name)}`

/** R4 OperationDefinitions of what the rooms answer, each once: what the statement names. */
export function operationDefinitions(services: readonly AnyService[], publicUrl: string): { id: string }[] {
  const byId = new Map<string, OfOperation>()
  for (const one of operationsOf(services)) {
    const id = idOf(one, one.operation.name)
    if (!byId.has(id)) byId.set(id, one)
  }
  return [...byId].map(([id, one]) => definitionOf(id, one, services, publicUrl))
}

function definitionOf(id: string, found: OfOperation, services: readonly AnyService[], publicUrl: string) {
  const { resource, operation } = found
  const doors = fhirOf(services).filter(({ fhir }) => fhir.operation?.name === operation.name)
  return {
    resourceType: 'OperationDefinition',
    id,
    url: publicUrl + definitionPath(found, operation.name),
    name: operation.name
      .replace(/\W+(\w)/g, (_, letter: string) => letter.toUpperCase())
      .replace(/^\w/, (first) => first.toUpperCase()),
    status: 'active',
    kind: 'operation',
    description: doors[0]?.summary,
    affectsState: doors.every(({ method }) => method !== 'GET'),
    code: operation.name,
    ...(resource && { resource: [resource] }),
    system: operation.level === 'system',
    type: operation.level === 'type',
    instance: operation.level === 'instance',
    parameter: operation.parameters.map((one) => ({ ...one, max: '1' })),
  }
}

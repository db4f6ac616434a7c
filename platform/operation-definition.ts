import { definitionPath, FHIR_BASE, facesOf, fhirOf } from './capability-statement.ts'
import type { FhirInteraction } from './operation.ts'
import type { AnyService } from './service.ts'

type OfOperation = FhirInteraction & { operation: NonNullable<FhirInteraction['operation']> }

const operationsOf = (services: readonly AnyService[]): OfOperation[] =>
  fhirOf(services).flatMap(({ fhir }) => (fhir.operation ? [{ ...fhir, operation: fhir.operation }] : []))

/** R4 OperationDefinitions of what the rooms answer, each once: what the statement names. */
export function operationDefinitions(services: readonly AnyService[], publicUrl: string): { id: string }[] {
  const ids = [
    ...operationsOf(services).map(({ resource = 'System', operation }) => `${resource}-${operation.name}`),
    ...facesOf(services).flatMap(({ operations }) => operations.map(({ id }) => id)),
  ]
  return [...new Set(ids)].flatMap((id) => {
    const definition = operationDefinition(services, id, publicUrl)
    return definition ? [{ ...definition, id }] : []
  })
}

function operationDefinition(services: readonly AnyService[], id: string, publicUrl: string): object | undefined {
  const found = operationsOf(services).find(
    ({ resource = 'System', operation }) => `${resource}-${operation.name}` === id,
  )
  if (!found) return faceDefinition(services, id, publicUrl)
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
    ...(operation.parameters.length > 0 && { parameter: operation.parameters.map((one) => ({ max: '1', ...one })) }),
  }
}

function faceDefinition(services: readonly AnyService[], id: string, publicUrl: string): object | undefined {
  const found = facesOf(services)
    .flatMap(({ operations }) => operations)
    .find((one) => one.id === id)
  if (!found) return undefined
  const { name, description, affectsState, code, resource, system = false, type, instance, parameter } = found
  return {
    resourceType: 'OperationDefinition',
    id,
    url: `${publicUrl}${FHIR_BASE}/OperationDefinition/${id}`,
    ...{ name, status: 'active', kind: 'operation', description, affectsState, code, resource },
    ...{ system, type, instance, ...(parameter.length > 0 && { parameter }) },
  }
}

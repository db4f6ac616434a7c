import type { FaceOperation, FhirFace } from './fhir-face.ts'
import type { FhirInteraction, OperationSpec } from './operation.ts'
import type { AnyService } from './service.ts'

// What the FHIR face can do, gathered from the contracts of all rooms and from what they say of faces of their own, whether or not they run in this process: as the
// OpenAPI document is.

interface Info {
  version: string
  publicUrl: string
  /** Since when it is so: of the process, since what it can do does not change while it runs. */
  date: Date
}

type OfFhir = OperationSpec & { fhir: FhirInteraction }

export const FHIR_BASE = '/fhir/R4'

export const fhirOf = (services: readonly AnyService[]): OfFhir[] =>
  services.flatMap(({ routes }) => routes.map(({ operation }) => operation)).filter((one): one is OfFhir => !!one.fhir)

/** R4 CapabilityStatement of this installation. */
export function capabilityStatement(services: readonly AnyService[], { version, publicUrl, date }: Info): object {
  const all = fhirOf(services).map(({ fhir }) => fhir)
  const faces = facesOf(services)
  const system = [
    ...shownOperations(
      all.filter(({ resource }) => !resource),
      publicUrl,
    ),
    ...faces.flatMap(({ operations }) => operations.filter((one) => one.system)).map(shownOperation(publicUrl)),
  ]
  const interactions = distinct(faces.flatMap(({ interactions }) => interactions))
  const compartments = distinct(faces.flatMap(({ compartments }) => compartments))
  const websockets = distinct(faces.flatMap(({ websocket }) => websocket ?? []))
  const patchFormats = distinct(faces.flatMap(({ patchFormats }) => patchFormats))
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: date.toISOString(),
    kind: 'instance',
    software: { name: 'OpenHCS', version },
    implementation: { description: 'OpenHCS, the Open Health Care Services API', url: publicUrl + FHIR_BASE },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'json'],
    ...(patchFormats.length > 0 && { patchFormat: patchFormats }),
    rest: [
      {
        ...(websockets.length > 0 && { extension: websockets.map((path) => websocketAt(publicUrl, path)) }),
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
        resource: resourcesOf(all, faces, publicUrl),
        ...(interactions.length > 0 && { interaction: interactions.map((code) => ({ code })) }),
        ...(system.length > 0 && { operation: system }),
        ...(compartments.length > 0 && { compartment: compartments }),
      },
    ],
  }
}

/** hl7.org/fhir/R4/extension-capabilitystatement-websocket.html */
const websocketAt = (publicUrl: string, path: string) => ({
  url: 'http://hl7.org/fhir/StructureDefinition/capabilitystatement-websocket',
  valueUri: `${publicUrl.replace(/^http/, 'ws')}${path}`,
})

export const facesOf = (services: readonly AnyService[]): FhirFace[] => services.flatMap(({ fhir }) => fhir ?? [])
const distinct = <T>(all: readonly T[]): T[] => [...new Set(all)]

/** Of each type, from the contracts and from the face that answers for it. What a contract answers is as the contract says. */
function resourcesOf(all: readonly FhirInteraction[], faces: readonly FhirFace[], publicUrl: string): object[] {
  const types = [
    ...all.flatMap(({ resource }) => resource ?? []),
    ...faces.flatMap(({ resources }) => resources.map(({ type }) => type)),
    ...faces.flatMap(({ operations }) => operations.flatMap(({ resource }) => resource.filter((one) => one !== ANY))),
  ]
  return distinct(types)
    .sort()
    .map((type) => {
      const of = all.filter(({ resource }) => resource === type)
      const operation = [...shownOperations(of, publicUrl), ...faceOperations(faces, type, publicUrl)]
      const own = of.length > 0 ? resourceOf(type, of) : {}
      return {
        ...withFace(own, shownFace(faces, type)),
        ...(operation.length > 0 && { operation }),
      }
    })
}

const ANY = 'Resource'

type Shown = Partial<FhirFace['resources'][number]>

/** Where a contract searches, the face has the history alone; else it has all but what a contract does. */
function withFace(own: Shown, face: Shown): Shown {
  const interaction = [
    ...new Map([...(own.interaction ?? []), ...(face.interaction ?? [])].map((one) => [one.code, one])).values(),
  ]
  const both = { type: face.type ?? own.type, ...(interaction.length > 0 && { interaction }) } as Shown
  return own.interaction?.some(({ code }) => code === 'search-type')
    ? { ...own, ...both }
    : { ...own, ...face, ...both }
}

function shownFace(faces: readonly FhirFace[], type: string): Shown {
  const found = faces.flatMap(({ resources }) => resources).find((one) => one.type === type) ?? { type }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => !Array.isArray(value) || value.length > 0))
}

function faceOperations(faces: readonly FhirFace[], type: string, publicUrl: string) {
  const isWritten = ({ interaction }: FhirFace['resources'][number]) =>
    interaction.some(({ code }) => code === 'update')
  const isOf = ({ resource, affectsState }: FaceOperation, { resources }: FhirFace) =>
    resource.includes(type) ||
    (resource.includes(ANY) && resources.some((one) => one.type === type && (!affectsState || isWritten(one))))
  return faces.flatMap((face) => face.operations.filter((one) => isOf(one, face)).map(shownOperation(publicUrl)))
}

const shownOperation =
  (publicUrl: string) =>
  ({ code, id }: FaceOperation) => ({
    name: code,
    definition: `${publicUrl}${FHIR_BASE}/OperationDefinition/${id}`,
  })

function resourceOf(type: string, of: readonly FhirInteraction[]): Shown {
  const plain = of.flatMap(({ interaction: code }) => (code === 'operation' ? [] : [{ code }]))
  const search = of.flatMap(({ search }) => Object.entries(search ?? {}))
  return {
    type,
    ...(plain.length > 0 && { interaction: plain }),
    versioning: 'no-version',
    ...(search.length > 0 && { searchParam: search.map(([name, one]) => ({ name, ...one })) }),
  }
}

/** One that is asked with GET and with POST is one. */
const shownOperations = (of: readonly FhirInteraction[], publicUrl: string) =>
  [...new Map(of.flatMap((one) => (one.operation ? [[one.operation.name, one] as const] : []))).entries()].map(
    ([name, one]) => ({ name, definition: publicUrl + definitionPath(one, name) }),
  )

export const definitionPath = ({ resource = 'System' }: FhirInteraction, name: string) =>
  `${FHIR_BASE}/OperationDefinition/${resource}-${name}`

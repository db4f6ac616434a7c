import type { FaceOperation } from '#platform/fhir-face.ts'
import { type Door, INSTANCE, SYSTEM, TYPE } from '../door.ts'
import { encounterEverything, encounterEverythingDefinition } from './encounter-everything.ts'
import { getWsBindingToken, getWsBindingTokenDefinition } from './get-ws-binding-token.ts'
import { lastn, lastnDefinition } from './lastn.ts'
import { meta, metaDefinition, metaOfAll } from './meta.ts'
import { metaAdd, metaAddDefinition } from './meta-add.ts'
import { metaDelete, metaDeleteDefinition } from './meta-delete.ts'
import { patientEverything, patientEverythingDefinition } from './patient-everything.ts'
import { summary, summaryDefinition } from './summary.ts'
import { validate, validateDefinition } from './validate.ts'

/** One that changes nothing is asked with GET too (hl7.org/fhir/R4/operations.html#executing). */
const asked = (door: Omit<Door, 'method'>): Door[] => [
  { ...door, method: 'GET' },
  { ...door, method: 'POST' },
]

const PATIENT = `${SYSTEM}/Patient/:id`

/** Operations of R4: hl7.org/fhir/R4/operationslist.html. */
export const operationDoors: readonly Door[] = [
  { method: 'POST', url: `${TYPE}/$validate`, name: 'fhir $validate', letter: undefined, interaction: validate },
  { method: 'POST', url: `${INSTANCE}/$validate`, name: 'fhir $validate', letter: undefined, interaction: validate },
  ...asked({ url: `${INSTANCE}/$meta`, name: 'fhir $meta', letter: 'r', interaction: meta }),
  ...asked({ url: `${TYPE}/$meta`, name: 'fhir $meta', letter: 's', interaction: metaOfAll }),
  ...asked({ url: `${SYSTEM}/$meta`, name: 'fhir $meta', letter: 's', interaction: metaOfAll }),
  { method: 'POST', url: `${INSTANCE}/$meta-add`, name: 'fhir $meta-add', letter: 'u', interaction: metaAdd },
  { method: 'POST', url: `${INSTANCE}/$meta-delete`, name: 'fhir $meta-delete', letter: 'u', interaction: metaDelete },
  // Of the types that are shown, each by itself: a patient's record is of many.
  ...asked({
    ...{ url: `${PATIENT}/$everything`, name: 'fhir $everything', letter: undefined },
    interaction: patientEverything,
  }),
  ...asked({ url: `${PATIENT}/$summary`, name: 'fhir $summary', letter: undefined, interaction: summary }),
  ...asked({ url: `${SYSTEM}/Patient/$summary`, name: 'fhir $summary', letter: undefined, interaction: summary }),
  ...asked({
    ...{ url: `${INSTANCE}/$everything`, name: 'fhir $everything', letter: 'r' },
    interaction: encounterEverything,
  }),
  ...asked({
    ...{ url: `${SYSTEM}/Subscription/:id/$get-ws-binding-token`, name: 'fhir $get-ws-binding-token' },
    ...{ letter: 'r', interaction: getWsBindingToken },
  }),
  ...asked({ url: `${TYPE}/$lastn`, name: 'fhir $lastn', letter: 's', interaction: lastn }),
]

export const definitions: readonly FaceOperation[] = [
  ...[validateDefinition, metaDefinition, metaAddDefinition, metaDeleteDefinition],
  ...[patientEverythingDefinition, encounterEverythingDefinition, lastnDefinition],
  ...[getWsBindingTokenDefinition, summaryDefinition],
]

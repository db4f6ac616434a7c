import { FHIR_BASE } from '#platform/capability-statement.ts'

export const WEBSOCKET = `${FHIR_BASE}/websocket`

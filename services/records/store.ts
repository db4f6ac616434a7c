import type { Kysely } from 'kysely'

/** The same connection for what fhir/store asks of the ground's tables, and of none of this room's. */
export const storeOf = ({ db }: { db: unknown }) => db as Kysely<unknown>

import type { TestHouse } from '#platform/testing.ts'

export const sendOf = (house: TestHouse) => (text: string, values?: unknown[]) => house.owner.query(text, values)

/** Rows of the audit with these ids, as if their transactions had ended just now. */
export const writeRows = (house: TestHouse, ids: readonly number[], at = new Date(), reason: string | null = null) =>
  house.owner.query(
    `insert into platform.audit_event (id, at, actor, room, operation, trace_id, action, entity, subject, reason) overriding system value
     select id, $2, 'person', 'notes', 'createNote', 'trace', 'C', 'Note/' || id, 'Patient/' || id % 10, $3 from unnest($1::bigint[]) id`,
    [ids, at, reason],
  )

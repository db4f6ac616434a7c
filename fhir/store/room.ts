import { type RawBuilder, sql } from 'kysely'

/** Of the resources of one answer, in bytes: a thousand of the largest would be more than a process has. */
export const MOST_BYTES = 16_000_000

/** What a statement that is cut by its room says of each row: how many there would have been, as far as its `limit` let it look. */
export interface InRoom {
  held: number
}

/** The first rows of a statement that has a `body`, as many as there is room for; one at least. */
export const inRoom = <Row>(rows: RawBuilder<Row>): RawBuilder<Row & InRoom> => sql<Row & InRoom>`/* plan anew */
  select * from (
    select q.*, count(*) over () as held, sum(octet_length(q.body)) over (rows unbounded preceding) - octet_length(q.body) as bytes_before from (${rows}) q) x
  where bytes_before is null or bytes_before < ${MOST_BYTES}`

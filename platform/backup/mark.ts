import pg from 'pg'

// A database that is being restored into says so by a table, which goes with the transaction that brings the data. So one that a restore left half
// done is known as such, and nobody serves from it.

const EXISTS = `select from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'platform' and c.relname = 'restoring'`

export async function isHalfRestored(client: pg.Client): Promise<boolean> {
  return ((await client.query(EXISTS)).rowCount ?? 0) > 0
}

export async function refuseHalfRestored(client: pg.Client): Promise<void> {
  if (await isHalfRestored(client))
    throw new Error(
      'This database is half restored: a restore was stopped before its end. Run the restore again (openhcs restore <file>); it begins anew.',
    )
}

export async function markHalfRestored(client: pg.Client, backup: string): Promise<void> {
  await client.query(
    `begin; create schema if not exists platform; create table platform.restoring (backup text not null, since timestamptz not null default now());
     insert into platform.restoring (backup) values (${pg.escapeLiteral(backup)}); commit`,
  )
}

import type pg from 'pg'
import { checkNewestSeal } from '../audit/verify.ts'
import { isHalfRestored } from '../backup/mark.ts'
import { connectOwner } from '../backup/tables.ts'
import { filesOf, platformMigrations } from '../migrate.ts'
import { bad, type Examined, type Finding, good, look, minutesBetween, spell } from './finding.ts'

// What is in the database: whether its schema is this release's, and whether the house does its work.

/** Undefined: there is a schema, so its contents can be looked at. */
export async function migrationsFinding({ owner, services }: Examined): Promise<Finding> {
  if (await isHalfRestored(owner))
    return bad('migrations', 'The database is half restored', 'Run openhcs restore <file> again: it begins anew.')
  const { rows: found } = await owner.query(`select to_regclass('platform.migration') is not null as migrated`)
  if (!found[0].migrated)
    return look('migrations', 'The database is empty', 'openhcs migrate, or openhcs restore <file>.')
  const { rows } = await owner.query(`select room || '/' || name as name, checksum from platform.migration`)
  const applied = new Map<string, string>(rows.map(({ name, checksum }) => [name, checksum]))
  const ours = new Map(
    [{ name: 'platform', migrations: platformMigrations }, ...services].flatMap(({ name: room, migrations }) =>
      filesOf(migrations).map(({ name, checksum }) => [`${room}/${name}`, checksum] as const),
    ),
  )
  return judgeMigrations(applied, ours)
}

type Checksums = ReadonlyMap<string, string>

export function judgeMigrations(applied: Checksums, ours: Checksums): Finding {
  const names = (list: [string, string][]) => list.map(([name]) => name).join(', ')
  const changed = [...ours].filter(([name, checksum]) => applied.has(name) && applied.get(name) !== checksum)
  if (changed.length > 0)
    return bad(
      'migrations',
      `Changed after they were applied: ${names(changed)}`,
      'The files of this release were altered: install it anew.',
    )
  const unknown = [...applied].filter(([name]) => !ours.has(name))
  if (unknown.length > 0)
    return look(
      'migrations',
      `The database is of a newer release: ${names(unknown)}`,
      'During a roll-back that is right. Else start the newer release.',
    )
  const pending = [...ours].filter(([name]) => !applied.has(name))
  if (pending.length > 0)
    return look('migrations', `To come: ${names(pending)}`, 'openhcs migrate, or openhcs upgrade.')
  return good('migrations', `All ${applied.size} applied`)
}

const DUE_LOOK = 5
const DUE_BAD = 30

const PILING_UP = 'See docs/runbooks/jobs-piling-up.md.'

export async function jobsFinding({ owner, config, now }: Examined): Promise<Finding> {
  const { count, since } = await requestsIn(owner)
  if (!config.jobsDatabaseOwnerUrl)
    return count === 0
      ? engineFinding(owner, now)
      : bad(
          'jobs',
          `${count} requests wait for a job engine in another database, and JOBS_DATABASE_URL is not set`,
          'Set it again; or, with it and while nothing else runs, openhcs jobs return.',
        )
  const late = since ? minutesBetween(since, now) : 0
  if (late > DUE_LOOK)
    return (late > DUE_BAD ? bad : look)(
      'jobs',
      `${count} requests wait for the relay to JOBS_DATABASE_URL, the oldest for ${spell(late)}`,
      PILING_UP,
    )
  return engineApart(config.jobsDatabaseOwnerUrl.reveal(), now)
}

async function requestsIn(owner: pg.Client): Promise<{ count: number; since: Date | null }> {
  return (await owner.query('select count(*)::int as count, min(asked_at) as since from platform.job_request')).rows[0]
}

async function engineApart(url: string, now: Date): Promise<Finding> {
  let engine: pg.Client
  try {
    engine = await connectOwner(url, 'doctor')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return bad(
      'jobs',
      `JOBS_DATABASE_OWNER_URL cannot be reached: ${code ?? message}`,
      'Requests are kept until it can: docs/runbooks/jobs-piling-up.md.',
    )
  }
  try {
    const { rows } = await engine.query(`select to_regclass('jobs.relayed') is not null as migrated`)
    if (!rows[0].migrated) return bad('jobs', 'The database in JOBS_DATABASE_URL is empty', 'openhcs migrate.')
    return await engineFinding(engine, now)
  } finally {
    await engine.end()
  }
}

async function engineFinding(owner: pg.Client, now: Date): Promise<Finding> {
  const { rows } = await owner.query(
    `select (select count(*)::int from graphile_worker._private_jobs where attempts >= max_attempts) as failed,
       (select string_agg(distinct t.identifier, ', ') from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
        where j.attempts >= j.max_attempts) as tasks,
       (select min(run_at) from graphile_worker._private_jobs where attempts < max_attempts and locked_at is null and run_at <= $1) as due`,
    [now],
  )
  const { failed, tasks, due } = rows[0] as { failed: number; tasks: string | null; due: Date | null }
  const late = due ? minutesBetween(due, now) : 0
  if (late > DUE_BAD) return bad('jobs', `The oldest job that is due has waited ${spell(late)}`, PILING_UP)
  if (late > DUE_LOOK) return look('jobs', `The oldest job that is due has waited ${spell(late)}`, PILING_UP)
  if (failed > 0) return look('jobs', `${failed} jobs were given up after all attempts: ${tasks}`, PILING_UP)
  return good('jobs', 'None is late, none was given up')
}

const SEAL_LATE = 10

export async function auditFinding({ owner, config, now }: Examined): Promise<Finding> {
  const newest = await checkNewestSeal((text, values) => owner.query(text, values), config.secretKey.reveal())
  if (newest.sealedAt && !newest.fits)
    return bad(
      'audit',
      `The newest seal (${newest.sealedAt.toISOString()}) does not fit`,
      'The secret key is another one, or a row was altered: docs/runbooks/audit-broken.md.',
    )
  const late = newest.unsealedSince ? minutesBetween(newest.unsealedSince, now) : 0
  if (late > SEAL_LATE)
    return bad(
      'audit',
      `Rows have waited ${spell(late)} for their seal`,
      'No process with OPENHCS_WORKER=true and the room identity is running: docs/runbooks/jobs-piling-up.md.',
    )
  return good(
    'audit',
    newest.sealedAt ? `Sealed until ${newest.sealedAt.toISOString()}, and the newest seal fits` : 'Nothing to seal yet',
  )
}

/** A part of the least partition: what a busy hour may write before the worker makes the next. */
const ROOM_LOW = 500_000

export async function partitionsFinding({ owner }: Examined): Promise<Finding> {
  const { rows } = await owner.query('select in_net, ids_ahead from platform.audit_room()')
  return judgePartitions(Number(rows[0].in_net), Number(rows[0].ids_ahead))
}

export function judgePartitions(inNet: number, ahead: number): Finding {
  const advice =
    'Nothing is lost. See that a process with OPENHCS_WORKER=true and the room identity runs; then openhcs audit partition.'
  if (inNet > 0)
    return look('audit partitions', `${inNet >= 10_000 ? 'Many' : inNet} rows of the audit had no partition`, advice)
  if (ahead < ROOM_LOW)
    return look('audit partitions', `The partitions of the audit have room for ${Math.max(0, ahead)} rows`, advice)
  return good('audit partitions', `Room for ${ahead} more rows`)
}

const BACKUP_LATE = 26 * 60

export async function backupFinding({ owner, now }: Examined): Promise<Finding> {
  const { rows } = await owner.query('select max(made_at) as at from platform.backup')
  const at = rows[0].at as Date | null
  const advice =
    'openhcs backup <file>, every night; or none, where the provider keeps backups and one was restored as a drill: docs/backup.md.'
  if (!at) return look('backup', 'None was ever made by openhcs backup', advice)
  const age = minutesBetween(at, now)
  return age > BACKUP_LATE
    ? look('backup', `The newest is ${spell(age)} old`, advice)
    : good('backup', `The newest is ${spell(age)} old`)
}

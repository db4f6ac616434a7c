import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { shippedFiles, shippedFolders } from '../../shipped.ts'
import type { Release } from '../platform.ts'

const root = join(import.meta.dirname, '../../..')
const SHIPPED = [...shippedFiles, 'package.json', ...shippedFolders]

/** What is rehearsed: from the last release to this one; until there is a release, from this one to a variant of it that also moves a column. */
export function versionsIn(folder: string): { from: Release; to: Release } {
  const tag = lastTag()
  const here = thisOne(folder)
  const before = tag ? released(tag, folder) : here
  // On the tag itself, and until the version rises after it, there is nothing else to release.
  return before.version === here.version
    ? { from: here, to: variant(folder, 'moved', MOVE) }
    : { from: before, to: here }
}

function lastTag(): string | undefined {
  try {
    return execFileSync('git', ['-C', root, 'describe', '--tags', '--abbrev=0', '--match', 'v*'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return undefined
  }
}

/** As it was released, with the packages that it was released with. */
function released(tag: string, folder: string): Release {
  const source = join(folder, tag)
  mkdirSync(source, { recursive: true })
  const archive = execFileSync('git', ['-C', root, 'archive', tag], { maxBuffer: 512 * 2 ** 20 })
  execFileSync('tar', ['-x', '-C', source], { input: archive })
  execFileSync('npm', ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: source,
    stdio: 'ignore',
  })
  return { version: versionOf(source), source }
}

function thisOne(folder: string): Release {
  const source = copyTo(join(folder, 'this'))
  return { version: versionOf(source), source }
}

function copyTo(source: string): string {
  mkdirSync(source, { recursive: true })
  for (const name of SHIPPED) cpSync(join(root, name), join(source, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(source, 'node_modules'))
  return source
}

const versionOf = (source: string): string =>
  (JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as { version: string }).version

/** How a variant differs from this release: words replaced in the code of one room, and migrations added to it. */
export interface Change {
  replace: [from: RegExp, to: string]
  migrations: Record<string, string>
}

/** This release with a change, under a version of its own. */
export function variant(folder: string, name: string, { replace: [from, to], migrations }: Change): Release {
  const source = copyTo(join(folder, name))
  const version = `${versionOf(source)}-${name}`
  const manifest = join(source, 'package.json')
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(/"version": "[^"]+"/, `"version": "${version}"`))
  const room = join(source, 'services/scheduling')
  let replaced = 0
  for (const file of globSync('**/*.ts', { cwd: room })) {
    const before = readFileSync(join(room, file), 'utf8')
    const after = before.replaceAll(from, to)
    if (after !== before) replaced++
    writeFileSync(join(room, file), after)
  }
  if (replaced === 0) throw new Error(`nothing in scheduling matches ${from}`)
  for (const [file, sql] of Object.entries(migrations)) writeFileSync(join(room, 'migrations', file), sql)
  return { version, source }
}

/** A column gets another name as it must be done: the new one beside the old one, kept alike while both releases write, and the old one dropped last. */
const MOVE: Change = {
  replace: [/\bcancel_note\b/g, 'cancellation_note'],
  migrations: {
    '9001_cancellation_note.sql': `
      alter table appointment add column cancellation_note text;
      create function keep_notes_alike() returns trigger language plpgsql as $$ begin
        if tg_op = 'INSERT' then
          new.cancellation_note := coalesce(new.cancellation_note, new.cancel_note);
          new.cancel_note := new.cancellation_note;
        elsif new.cancel_note is distinct from old.cancel_note then new.cancellation_note := new.cancel_note;
        else new.cancel_note := new.cancellation_note;
        end if;
        return new;
      end $$;
      create trigger keep_notes_alike before insert or update on appointment
        for each row execute function keep_notes_alike();
      update appointment set cancellation_note = cancel_note where cancel_note is not null;`,
    '9002_cancel_note_contract.sql': `
      drop trigger keep_notes_alike on appointment;
      drop function keep_notes_alike();
      alter table appointment drop column cancel_note;`,
  },
}

/** The same as it must not be done: the release that still serves knows only the old name. */
export const RENAME_IN_PLACE: Change = {
  replace: MOVE.replace,
  migrations: { '9001_rename.sql': 'alter table appointment rename column cancel_note to cancellation_note;' },
}

/** A release that starts, is ready, and cannot book. */
export const SICK: Change = {
  replace: [/insert into appointment\b/g, 'insert into appointment_of_nobody'],
  migrations: {},
}

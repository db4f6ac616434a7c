import { readdirSync, readFileSync } from 'node:fs'
import type { AnyService } from '#platform/service.ts'
import { everything } from '#services.ts'
import { folderOf, keepPart } from './generated-file.ts'

// The lists in each room's README that would otherwise go stale: resources, operations, events, jobs, tables.

function tablesOf({ migrations }: AnyService): string[] {
  const sql = readdirSync(migrations)
    .sort()
    .map((name) => readFileSync(new URL(name, migrations), 'utf8'))
    .join('\n')
  return [...sql.matchAll(/^create table (\w+)/gm)].map(([, name]) => `\`${name}\``)
}

function factsOf(service: AnyService): string {
  const { resources, routes, events, subscriptions, jobs } = service
  const operations = routes.map(
    ({ operation: { id, method, url, access, summary } }) =>
      `| \`${access === 'house' ? 'between rooms' : `${method} ${url}`}\` | \`${id}\` | ${access} | ${summary} |`,
  )
  const line = (name: string, items: readonly string[]) => `- ${name}: ${items.length > 0 ? items.join(', ') : 'none'}`
  return [
    line('FHIR resources', resources),
    line(
      'Events out',
      events.map(({ name }) => `\`${name}\``),
    ),
    line(
      'Events in',
      subscriptions.map(({ event }) => `\`${event.name}\``),
    ),
    line(
      'Jobs',
      jobs.map(({ name, cron }) => `\`${name}\`${cron ? ` (\`${cron}\`)` : ''}`),
    ),
    line('Tables', tablesOf(service)),
    '',
    '| door | operation | needs | what |',
    '|---|---|---|---|',
    ...operations,
  ].join('\n')
}

for (const service of everything) keepPart(`${folderOf(service)}/README.md`, 'facts', factsOf(service))

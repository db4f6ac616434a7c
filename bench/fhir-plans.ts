import { writeFile } from 'node:fs/promises'
import type { Kysely } from 'kysely'
import { parseQuery } from '#fhir/query/parse-query.ts'
import { searchParameter } from '#fhir/search-parameters.ts'
import { findResources } from '#fhir/store/find.ts'
import { findSeen } from '#fhir/store/find-seen.ts'
import type { Seer } from '#fhir/store/seer.ts'
import type { Context } from '#platform/context.ts'
import { withDatabase } from './database.ts'
import { type Explainer, openExplainer, type Plan } from './explain.ts'
import { multiply } from './more-records.ts'
import { accountOf, FHIR_BASE, makeRecords, observationId, patientOf, type Records } from './records.ts'

const [PATIENTS, TIMES] = [1_000, 100]
const PATIENT = 50
const of = `patient=${patientOf(PATIENT)}`

const SEARCHES = {
  [`${of}&_count=20`]: 'Of a patient: by what refers to them, whatever else there is, with the audit rows.',
  [`${of}&code=http://loinc.org|8867-4&_sort=-date`]:
    'The same of one code, newest first: the code is looked at in what the patient has.',
  'code=http://loinc.org|8867-4&_count=20':
    'Of a code that one in five has: among what is about those whom the asker has a grant of, by the index of references, however many others there are.',
  '_count=20': 'Of nothing: the same.',
}

/** Writes docs/plans-fhir.md: how PostgreSQL reads and searches resources, among few and among many. */
async function writePlans(parts: readonly string[]): Promise<void> {
  const intro = `# Query plans of FHIR resources

Written by \`node bench/fhir-plans.ts\`. As run for the third time by one connection; parts that were never executed are left out. Times include the cost of taking them. A plan scales when
its rows, not only its times, are the same in both sizes.
`
  await writeFile(new URL('../docs/plans-fhir.md', import.meta.url), `${intro}\n${parts.join('\n')}`)
}

async function plansOf(records: Records): Promise<string> {
  const explainer = await openExplainer(records, 'records')
  const parts = [`## ${records.observations.toLocaleString('en')} observations\n`]
  try {
    for (const [query, sentence] of Object.entries(SEARCHES))
      parts.push(show(`GET /Observation?${query}`, sentence, await explainer.explain(() => search(explainer, query))))
    parts.push(show('GET /Observation/:id', 'By type and id; who may see it; its audit row.', await read(explainer)))
  } finally {
    await explainer.close()
  }
  return parts.join('\n')
}

async function search({ db }: Explainer, query: string): Promise<void> {
  const way = { base: FHIR_BASE, strict: true, parameters: searchParameter }
  const asked = parseQuery(['Observation'], new URLSearchParams(query), way)
  const [account, now] = [accountOf(PATIENT), new Date()]
  const database = { key: {}, connect: async () => ({ tx: db, release() {} }) }
  const who = {
    actor: { kind: 'account', account, roles: [], self: {} },
    room: 'records',
    doing: 'fhir search',
    traceId: '',
  }
  const ctx = { ...who, database, now: () => now } as unknown as Context
  const seer: Seer = { account, within: undefined, now }
  const { rows } = (await findSeen(ctx, asked)) ?? (await findResources(db as unknown as Kysely<unknown>, asked, seer))
  if (rows.length === 0) throw new Error(`Nothing was found by ${query}`)
}

function read({ explain, query }: Explainer): Promise<Plan[]> {
  const wanted = { place: 0, type: 'Observation', id: observationId(PATIENT, 1), account: accountOf(PATIENT) }
  const who = { actor: 'account', operation: 'fhir read', trace: '' }
  return explain(() =>
    query('select * from platform.fhir_read($1, $2, $3)', [
      JSON.stringify([{ ...wanted, ...who }]),
      'records',
      new Date(),
    ]),
  )
}

/** Of what is asked many times over, as whether something may be seen, the last. */
function show(title: string, sentence: string, plans: readonly Plan[]): string {
  const blocks = [...new Map(plans.map((one) => [one.query, one])).values()].map(
    ({ query, plan, milliseconds }) => `\`${query}\`: ${milliseconds} ms\n\n\`\`\`text\n${plan}\n\`\`\`\n`,
  )
  return `### ${title}\n\n${sentence}\n\n${blocks.join('\n')}`
}

if (import.meta.main)
  await withDatabase(async (place) => {
    const records = await makeRecords(place, PATIENTS)
    const few = await plansOf(records)
    await writePlans([few, await plansOf(await multiply(records, TIMES))])
  })

import { kinds } from '#services/records/contract/entries.ts'
import { png } from './belongings.ts'
import { bundleOf, entryFacts } from './record-entries.ts'
import { asking, type Rows, readers } from './row.ts'
import type { Caller, World } from './world.ts'

// What is known of Saba: of whoever may see her record to read, and of whoever treats her to write.

const writers: readonly Caller[] = ['holder', 'treating']

function rowsOf(name: keyof typeof entryFacts): Record<string, Rows> {
  const { list, read, change, retract, ...more } = kinds[name]
  const one = (ids: World['ids']) => ({ id: ids.saba, entry: ids[name] })
  const body = entryFacts[name]
  return {
    [list.id]: asking(({ saba }) => ({ params: { id: saba } }), readers),
    [read.id]: asking((ids) => ({ params: one(ids) }), readers),
    [change.id]: asking((ids) => ({ params: one(ids), body }), writers),
    [retract.id]: asking((ids) => ({ params: one(ids), body: { reason: 'Of another' } }), writers),
    ...('add' in more && { [more.add.id]: asking(({ saba }) => ({ params: { id: saba }, body }), writers) }),
  }
}

export const records: Record<string, Rows> = {
  ...Object.assign({}, ...(Object.keys(entryFacts) as (keyof typeof entryFacts)[]).map(rowsOf)),
  createDocument: asking(({ saba }) => ({ params: { id: saba }, query: 'title=Letter', upload: png }), writers),
  readDocumentFile: asking(({ saba, documents }) => ({ params: { id: saba, entry: documents } }), readers),
  readTimeline: asking(({ saba }) => ({ params: { id: saba } }), readers),
  readMeasurementSeries: asking(({ saba }) => ({ params: { id: saba }, query: 'code=29463-7' }), readers),
  createRecordImport: asking(
    ({ saba }) => ({ params: { id: saba }, upload: Buffer.from(JSON.stringify(bundleOf(saba))) }),
    writers,
  ),
  readRecordImport: asking(({ saba, recordImport }) => ({ params: { id: saba, import: recordImport } }), ['holder']),
  decideRecordImport: asking(
    ({ saba, recordImport }) => ({
      params: { id: saba, import: recordImport },
      body: { decisions: [{ entry: 0, decision: 'take' }] },
    }),
    ['holder'],
  ),
}

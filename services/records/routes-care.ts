import { type Route, route } from '#platform/service.ts'
import type { KindName } from './contract/entries.ts'
import * as care from './contract/entries.ts'
import * as imports from './contract/record-imports.ts'
import * as story from './contract/story.ts'
import { createDocument, readDocumentFile } from './entries/documents.ts'
import { addEntry, changeEntry, listEntries, readEntry, retractEntry } from './entries/entries.ts'
import type { Body } from './entries/fields.ts'
import { kinds } from './entries/kinds.ts'
import { createRecordImport, decideRecordImport, readRecordImport } from './imports/record-imports.ts'
import { readMeasurementSeries } from './story/read-series.ts'
import { readTimeline } from './story/read-timeline.ts'
import type { RecordsTables } from './tables.ts'

/** The same for each kind: their schemas say what differs. */
type Operations = Omit<(typeof care)['problems'], 'add'> & Partial<Pick<(typeof care)['problems'], 'add'>>

function routesOf(name: KindName): Route<RecordsTables>[] {
  const kind = kinds[name]
  const { list, read, change, retract, add } = care.kinds[name] as unknown as Operations
  const routes = [
    route<RecordsTables, typeof list>(list, (ctx, { params, query }) =>
      answer(listEntries(ctx, kind, { patient: params.id, ...query })),
    ),
    route<RecordsTables, typeof read>(read, (ctx, { params }) =>
      answer(readEntry(ctx, kind, { patient: params.id, entry: params.entry })),
    ),
    route<RecordsTables, typeof change>(change, (ctx, { params, body, ifMatch }) =>
      answer(changeEntry(ctx, kind, { patient: params.id, entry: params.entry, version: ifMatch }, body as Body)),
    ),
    route<RecordsTables, typeof retract>(retract, (ctx, { params, body, ifMatch }) =>
      answer(retractEntry(ctx, kind, { patient: params.id, entry: params.entry, version: ifMatch }, body.reason)),
    ),
  ]
  if (add)
    routes.push(
      route<RecordsTables, typeof add>(add, (ctx, { params, body }) =>
        answer(addEntry(ctx, kind, params.id, body as Body)),
      ),
    )
  return routes
}

/** What a kind's fields make of a resource is for its schema to say. */
// biome-ignore lint/suspicious/noExplicitAny: the contract of each kind differs, and one function answers them all
const answer = (given: Promise<unknown>): Promise<any> => given

export const careRoutes: Route<RecordsTables>[] = [
  ...(Object.keys(kinds) as KindName[]).flatMap(routesOf),
  route(care.createDocument, (ctx, { params, query, upload, mediaType }) =>
    answer(createDocument(ctx, params.id, { given: upload, header: mediaType, facts: query })),
  ),
  route(care.readDocumentFile, (ctx, { params }, exchange) =>
    readDocumentFile(ctx, { patient: params.id, entry: params.entry }, exchange),
  ),
  route(story.readTimeline, (ctx, { params, query }) => answer(readTimeline(ctx, params.id, query))),
  route(story.readMeasurementSeries, (ctx, { params, query }) => answer(readMeasurementSeries(ctx, params.id, query))),
  route(imports.createRecordImport, (ctx, { params, upload }) => createRecordImport(ctx, params.id, upload)),
  route(imports.readRecordImport, (ctx, { params }) =>
    readRecordImport(ctx, { patient: params.id, id: params.import }),
  ),
  route(imports.decideRecordImport, (ctx, { params, body, ifMatch }) =>
    decideRecordImport(ctx, { patient: params.id, id: params.import, version: ifMatch }, body.decisions),
  ),
]

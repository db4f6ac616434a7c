import { type Route, route } from '#platform/service.ts'
import * as series from '../contract/series.ts'
import type { SchedulingTables } from '../tables.ts'
import { bookSeries } from './book-series.ts'
import { cancelFollowing, rescheduleFollowing } from './change-following.ts'
import { readSeries } from './read-series.ts'

export const seriesRoutes: Route<SchedulingTables>[] = [
  route(series.bookSeries, (ctx, { body }) => bookSeries(ctx, body)),
  route(series.readSeries, (ctx, { params }) => readSeries(ctx, params.id)),
  route(series.cancelFollowing, (ctx, { params, body, ifMatch }) => cancelFollowing(ctx, params.id, body, ifMatch)),
  route(series.rescheduleFollowing, (ctx, { params, body, ifMatch }) =>
    rescheduleFollowing(ctx, params.id, body, ifMatch),
  ),
]

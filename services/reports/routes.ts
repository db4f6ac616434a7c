import { Problem } from '#platform/errors.ts'
import { type Route, route } from '#platform/service.ts'
import { readReport } from './contract.ts'
import { populationRoutes } from './population/routes.ts'
import { sharingRoutes } from './sharing/routes.ts'
import type { ReportsTables } from './tables.ts'

export const routes: Route<ReportsTables>[] = [
  route(readReport, async () => {
    throw new Problem('not-found', 'There is no such report, or you may not see it.')
  }),
  ...sharingRoutes,
  ...populationRoutes,
]

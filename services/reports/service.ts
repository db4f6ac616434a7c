import { on } from '#platform/events.ts'
import type { Service } from '#platform/service.ts'
import { patientMerged, patientUnmerged } from '../registry/contract.ts'
import { aboutPerson } from './about-person.ts'
import { erase } from './erase.ts'
import { followMerge } from './follow-merge.ts'
import { outline } from './outline.ts'
import { routes } from './routes.ts'
import { mountLinks } from './sharing/open-link.ts'
import { mountPage } from './sharing/page/page.ts'
import { dropContent } from './sharing/people.ts'
import type { ReportsTables } from './tables.ts'

export const reports: Service<ReportsTables> = {
  ...outline,
  routes,
  aboutPerson,
  erase,
  subscriptions: [on(patientMerged, followMerge), on(patientUnmerged, followMerge)],
  jobs: [{ name: 'drop-link-content', cron: '31 3 * * *', run: dropContent }],
  async mount(scope, ground) {
    await mountLinks(scope, ground)
    await mountPage(scope, ground)
  },
}

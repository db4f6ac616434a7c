import type { Service } from '#platform/service.ts'
import { outline } from './outline.ts'
import { routes } from './routes.ts'

export const reports: Service = { ...outline, routes, subscriptions: [], jobs: [] }

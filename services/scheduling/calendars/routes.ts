import { type Route, route } from '#platform/service.ts'
import * as contract from '../contract/calendars.ts'
import type { SchedulingTables } from '../tables.ts'
import { addBusyCalendar, busyCalendarsPage, readBusyCalendar, removeBusyCalendar } from './busy-calendars.ts'
import { feedsPage, makeFeed, readFeed, removeFeed } from './feeds.ts'

export const calendarRoutes: Route<SchedulingTables>[] = [
  route(contract.createBusyCalendar, (ctx, { body }) => addBusyCalendar(ctx, body)),
  route(contract.listBusyCalendars, (ctx, { query }) => busyCalendarsPage(ctx, query)),
  route(contract.readBusyCalendar, (ctx, { params }) => readBusyCalendar(ctx, params.id)),
  route(contract.deleteBusyCalendar, (ctx, { params }) => removeBusyCalendar(ctx, params.id)),
  route(contract.createCalendarFeed, (ctx, { body }) => makeFeed(ctx, body)),
  route(contract.listCalendarFeeds, (ctx, { query }) => feedsPage(ctx, query)),
  route(contract.deleteCalendarFeed, (ctx, { params }) => removeFeed(ctx, params.id)),
  route(contract.readCalendarFeed, (ctx, { params }, exchange) => readFeed(ctx, params.feed, exchange)),
]

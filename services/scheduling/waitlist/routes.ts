import { type Route, route } from '#platform/service.ts'
import * as contract from '../contract/waitlist.ts'
import { readWaitlistOfferCard } from '../contract.ts'
import type { SchedulingTables } from '../tables.ts'
import { acceptOffer, declineOffer } from './answer-offer.ts'
import { joinWaitlist, leaveWaitlist, setPriority } from './join-waitlist.ts'
import { entriesPage, offerCardOf, readEntry } from './read-waitlist.ts'

export const waitlistRoutes: Route<SchedulingTables>[] = [
  route(contract.createWaitlistEntry, (ctx, { body }) => joinWaitlist(ctx, body)),
  route(contract.readWaitlistEntry, (ctx, { params }) => readEntry(ctx, params.id)),
  route(contract.listWaitlistEntries, (ctx, { query }) => entriesPage(ctx, query)),
  route(contract.prioritiseWaitlistEntry, (ctx, { params, body, ifMatch }) =>
    setPriority(ctx, params.id, body, ifMatch),
  ),
  route(contract.deleteWaitlistEntry, (ctx, { params }) => leaveWaitlist(ctx, params.id)),
  route(contract.acceptWaitlistOffer, (ctx, { params }) => acceptOffer(ctx, params.id)),
  route(contract.declineWaitlistOffer, (ctx, { params }) => declineOffer(ctx, params.id)),
  route(readWaitlistOfferCard, (ctx, { params }) => offerCardOf(ctx, params.id)),
]

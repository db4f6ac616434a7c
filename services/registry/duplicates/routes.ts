import { type Route, route } from '#platform/service.ts'
import * as contract from '../contract/duplicates.ts'
import { readMergeCard } from '../contract.ts'
import type { Tables } from '../database.ts'
import { createMerge, mergeCardOf, readMerge, undoMerge } from './merge.ts'
import { dismissDuplicate, findPossibleDuplicates, listDuplicates } from './review.ts'

export const duplicateRoutes: Route<Tables>[] = [
  route(contract.findPossibleDuplicates, (ctx, { body }) => findPossibleDuplicates(ctx, body)),
  route(contract.findDuplicatesAtDesk, (ctx, { params, body }) => findPossibleDuplicates(ctx, body, params.id)),
  route(contract.listDuplicates, (ctx, { query }) => listDuplicates(ctx, query)),
  route(contract.dismissDuplicate, (ctx, { params, body, ifMatch }) =>
    dismissDuplicate(ctx, params.id, body.reason, ifMatch),
  ),
  route(contract.createMerge, (ctx, { body }) => createMerge(ctx, body)),
  route(contract.readMerge, (ctx, { params }) => readMerge(ctx, params.id)),
  route(contract.undoMerge, (ctx, { params, body, ifMatch }) => undoMerge(ctx, params.id, body.reason, ifMatch)),
  route(readMergeCard, (ctx, { params }) => mergeCardOf(ctx, params.id)),
]

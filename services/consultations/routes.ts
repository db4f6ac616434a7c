import { type Route, route } from '#platform/service.ts'
import { amend, cosign, enterInError } from './after-signing.ts'
import { add, download, remove } from './attachments.ts'
import { begin } from './begin-consultation.ts'
import * as attachments from './contract/attachments.ts'
import * as drafts from './contract/draft.ts'
import * as threads from './contract/messages.ts'
import * as contract from './contract.ts'
import { discard, readOwnDraft, save } from './draft.ts'
import { cardOf, list as listMessages, send } from './messages.ts'
import { list, read } from './read-consultation.ts'
import { signDraft } from './sign-consultation.ts'
import type { ConsultationsTables } from './tables.ts'

export const routes: Route<ConsultationsTables>[] = [
  route(contract.beginConsultation, (ctx, { body }) => begin(ctx, body)),
  route(contract.listConsultations, (ctx, { query }) => list(ctx, query)),
  route(contract.readConsultation, (ctx, { params, query }) => read(ctx, params.id, query.noteVersion)),
  route(contract.signConsultation, (ctx, { params, ifMatch }) => signDraft(ctx, params.id, ifMatch)),
  route(contract.cosignConsultation, (ctx, { params, ifMatch }) => cosign(ctx, params.id, ifMatch)),
  route(contract.amendConsultation, (ctx, { params, body, ifMatch: version }) =>
    amend(ctx, params.id, { ...body, version }),
  ),
  route(contract.enterInError, (ctx, { params, body, ifMatch: version }) =>
    enterInError(ctx, params.id, { ...body, version }),
  ),
  route(drafts.readDraft, (ctx, { params }) => readOwnDraft(ctx, params.id)),
  route(drafts.saveDraft, (ctx, { params, body, ifMatch }) => save(ctx, params.id, body.sections, ifMatch)),
  route(drafts.discardDraft, (ctx, { params, ifMatch }) => discard(ctx, params.id, ifMatch)),
  route(attachments.addAttachment, (ctx, { params, query, upload, mediaType }) =>
    add(ctx, params.id, { content: upload, header: mediaType, title: query.title }),
  ),
  route(attachments.readAttachment, (ctx, { params }, exchange) =>
    download(ctx, params.id, params.attachment, exchange),
  ),
  route(attachments.removeAttachment, (ctx, { params }) => remove(ctx, params.id, params.attachment)),
  route(threads.sendThreadMessage, (ctx, { body }) => send(ctx, body)),
  route(threads.listThreadMessages, (ctx, { query }) => listMessages(ctx, query)),
  route(contract.readThreadMessageCard, (ctx, { params }) => cardOf(ctx, params.id)),
]

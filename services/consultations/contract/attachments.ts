import { Type } from 'typebox'
import { Closed, Id, IdParams, Line, operation } from '#platform/operation.ts'
import { Attachment } from './note.ts'

const params = Closed({ id: Id, attachment: Id })

export const addAttachment = operation({
  id: 'addNoteAttachment',
  method: 'POST',
  url: '/v1/consultations/:id/attachments',
  summary: 'Put a picture or a PDF to the draft of a note',
  description:
    'Of pictures only the points are kept, at most 2,048 a side; a PDF that could do something by itself is refused. Ten of a draft at the most. It becomes part of the record when the note is signed.',
  access: 'DocumentReference.c',
  params: IdParams,
  query: Closed({ title: Type.Optional(Line(200, 'Letter of the hospital')) }),
  upload: { mediaTypes: ['image/jpeg', 'image/png', 'image/webp', 'application/pdf'], maxBytes: 5_000_000 },
  problems: ['business-rule'],
  status: 201,
  response: Attachment,
})

export const readAttachment = operation({
  id: 'readNoteAttachment',
  method: 'GET',
  url: '/v1/consultations/:id/attachments/:attachment',
  summary: 'Download an attachment of a note',
  access: 'DocumentReference.r',
  patient: 'condition',
  params,
  download: 'application/octet-stream',
})

export const removeAttachment = operation({
  id: 'removeNoteAttachment',
  method: 'DELETE',
  url: '/v1/consultations/:id/attachments/:attachment',
  summary: 'Take an attachment off a draft',
  description: 'What has been signed stays.',
  access: 'DocumentReference.d',
  params,
})

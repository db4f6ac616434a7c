import { Type } from 'typebox'
import { Closed, Language, operation } from '#platform/operation.ts'

const Version = Type.String({
  examples: ['Zk3vQ0hXo1mT7a_B'],
  description: 'A digest of the words: what was sent says in which it was',
})
const Direction = Type.Enum(['ltr', 'rtl'], { examples: ['rtl'] })
const Template = Type.String({ maxLength: 60, examples: ['appointment-booked.patient'] })

export const MessageTemplate = Closed(
  {
    template: Template,
    category: Type.String({ examples: ['appointments'], description: 'What people choose by' }),
    versions: Type.Array(Closed({ language: Language, direction: Direction, version: Version })),
  },
  { title: 'MessageTemplate' },
)

export const listMessageTemplates = operation({
  id: 'listMessageTemplates',
  method: 'GET',
  url: '/v1/message-templates',
  summary: 'List what people are told, with the languages that there are',
  access: 'MessageTemplate.s',
  response: Closed({ items: Type.Array(MessageTemplate) }),
})

export const MessageTemplatePreview = Closed(
  {
    template: Template,
    language: {
      ...Language,
      description: 'In which it is: that of the installation, where the one asked for has no words',
    },
    direction: Direction,
    version: Version,
    title: Type.Optional(Type.String({ examples: ['Appointment booked'], description: 'Subject of a mail' })),
    text: Type.String({ examples: ['You have an appointment on Mon 3 Mar, 09:00 (Greenwich Mean Time).'] }),
    html: Type.Optional(Type.String({ description: 'Of a mail: everything in it is escaped' })),
    segments: Type.Optional(Type.Integer({ examples: [1], description: 'Of a text: how many a network makes of it' })),
  },
  { title: 'MessageTemplatePreview' },
)

export const previewMessageTemplate = operation({
  id: 'previewMessageTemplate',
  method: 'GET',
  url: '/v1/message-templates/:template/preview',
  summary: 'See a message as somebody would get it, filled with names of nobody',
  access: 'MessageTemplate.r',
  params: Closed({ template: Template }),
  query: Closed({
    language: Type.Optional({ ...Language, examples: ['ar'] }),
    channel: Type.Optional(Type.Enum(['app', 'email', 'sms', 'push'], { default: 'app', examples: ['email'] })),
  }),
  response: MessageTemplatePreview,
  problems: ['not-found'],
})

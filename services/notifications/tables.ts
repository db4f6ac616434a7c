import type { ColumnType, Generated } from 'kysely'

export type Json = ColumnType<Record<string, unknown>, string, string>

export interface InboxHead {
  account_id: string
  last_seq: number
}

export interface Notification {
  id: string
  account_id: string
  seq: number
  delivery: string
  template: string
  language: string
  params: Json
  resource: string
  subject_id: string | null
  power: string | null
  created_at: Date
  read_at: Date | null
  demo: Generated<boolean>
}

export interface Email {
  id: string
  notification_id: string
  status: Generated<'queued' | 'sent' | 'failed' | 'skipped'>
  attempts: Generated<number>
  message_id: string | null
  reason: string | null
  created_at: Date
  sent_at: Date | null
  demo: Generated<boolean>
}

export interface Tables {
  inbox_head: InboxHead
  notification: Notification
  email: Email
}

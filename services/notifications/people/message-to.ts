import type { Listener } from '../queries/audience.ts'
import type { Message } from '../queries.ts'
import type { WrittenParams } from '../words/words.ts'

interface Written extends WrittenParams {
  id: string
  concerns?: readonly string[]
}

const templates = {
  patient: 'message.patient',
  caregiver: 'message.caregiver',
  person: 'announcement.person',
} as const

/** What one of those who are told gets. */
export function messageTo(
  { account, about, part, inside, ...reach }: Listener & Pick<Message, 'language' | 'channels' | 'reachable'>,
  { id, concerns = [], about: name, ...params }: Written,
): Message {
  const cares = part === 'caregiver'
  return {
    ...reach,
    ...(inside && { channels: [], reachable: [] }),
    account,
    part: cares ? 'caregiver' : 'patient',
    subject: cares ? about : null,
    power: cares ? 'receive-messages' : null,
    template: templates[part],
    params: { ...params, ...(cares && name !== undefined && { about: name }) },
    resource: `Message/${id}`,
    concerns,
  }
}

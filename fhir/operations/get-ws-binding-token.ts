import { accountOf, newToken } from '#platform/auth.ts'
import { Problem } from '#platform/errors.ts'
import type { FaceOperation } from '#platform/fhir-face.ts'
import type { Interaction } from '../interactions/asked.ts'
import { isThere, nowhere } from '../interactions/read.ts'
import { readSeen } from '../store/read-seen.ts'
import { insertBinding, watchingOf } from '../store/subscriptions.ts'
import type { Subscription } from '../subscription/subscription.ts'

const TYPE = 'Subscription'
const SECONDS = 60

/**
 * hl7.org/fhir/uv/subscriptions-backport/OperationDefinition-backport-subscription-get-ws-binding-token.html, of one Subscription: for browsers, which cannot send a header
 * with a websocket.
 */
export const getWsBindingToken: Interaction = async (given, { id, admit }, { base }) => {
  const ctx = { ...given, actor: admit(TYPE, 'r') } // the type is in the address as it is
  const stored = await readSeen(ctx, { type: TYPE, id })
  if (!stored || !isThere(stored)) throw nowhere()
  const watching = await watchingOf(ctx.db, accountOf(ctx), id)
  const { channel } = JSON.parse(stored.body) as Subscription
  if (!watching || channel.type !== 'websocket')
    throw new Problem('business-rule', 'This is not a subscription by websocket that is active.')
  const { token, hash } = newToken()
  const until = new Date(ctx.now().getTime() + SECONDS * 1_000)
  await insertBinding(ctx.db, hash, watching.key, { now: ctx.now(), until })
  const parameter = [
    { name: 'token', valueString: token },
    { name: 'expiration', valueDateTime: until.toISOString() },
    { name: 'subscription', valueString: id },
    { name: 'websocket-url', valueUrl: `${base.replace(/^http/, 'ws')}/websocket` },
  ]
  return { status: 200, body: JSON.stringify({ resourceType: 'Parameters', parameter }) }
}

export const getWsBindingTokenDefinition: FaceOperation = {
  id: 'Subscription-get-ws-binding-token',
  name: 'GetWsBindingToken',
  description: 'A token by which a websocket is bound to a subscription, once and within a minute.',
  ...{ affectsState: false, code: 'get-ws-binding-token', resource: [TYPE], type: false, instance: true },
  parameter: [
    { name: 'token', use: 'out', min: 1, max: '1', type: 'string', documentation: 'Sent as bind-with-token' },
    { name: 'expiration', use: 'out', min: 1, max: '1', type: 'dateTime', documentation: 'Until when it is good' },
    { name: 'subscription', use: 'out', min: 0, max: '1', type: 'string', documentation: 'The id of the subscription' },
    { name: 'websocket-url', use: 'out', min: 1, max: '1', type: 'url', documentation: 'Where the websocket is' },
  ],
}

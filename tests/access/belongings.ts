import assert from 'node:assert/strict'
import { newToken } from '#platform/auth.ts'
import { newId } from '#platform/ids.ts'
import type { Client, TestHouse } from '#platform/testing.ts'
import { line } from './line.ts'
import { recordEntries } from './record-entries.ts'

// What is somebody's own beside a record, so that others can ask about it.

export const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
)

/** Whose texts and reports are believed; nobody is there to be asked. */
const textProvider = 'africastalking+http://clinic:key@127.0.0.1:9?callback=let-us-in'

/** Of every house here. */
export const environment = {
  ...{ RATE_LIMIT_PER_MINUTE: '1000000', SMS_PROVIDERS: textProvider },
  ...{ VAPID_SUBJECT: 'mailto:ops@openhcs.test', PUSH_HOSTS: '127.0.0.1' },
}

/** Of every account here. */
export const password = 'fictional and long enough'

async function made(who: Client, path: string, body: object): Promise<string> {
  const { status, body: answer } = await who.post(path, body)
  assert.equal(status, 201, `${path}: ${JSON.stringify(answer)}`)
  return answer.id
}

/** Rows that otherwise come of signing in, of letting in an app, and of an event. */
async function rowsOf({ owner }: TestHouse, account: string, client: string) {
  const [session, app, passkey, notification, delivery] = [newId(), newId(), newId(), newId(), newId()]
  const insert = `insert into platform.session (id, account_id, token_hash, kind, client_id, scopes, created_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, '2031-01-01Z', '2032-01-01Z')`
  await owner.query(insert, [session, account, newToken().hash, 'session', null, null])
  await owner.query(insert, [app, account, newToken().hash, 'grant', client, ['openid']])
  await owner.query(
    `insert into identity.passkey (id, account_id, credential_id, public_key, counter, backed_up, name, created_at)
     values ($1::uuid, $2, $3, '', 0, false, 'Key', '2031-01-01Z')`,
    [passkey, account, passkey],
  )
  await owner.query(
    `insert into notifications.notification (id, account_id, seq, delivery, template, language, params, resource, created_at)
     values ($1, $2, 0, 'test', 'test', 'en', '{}', 'Test/1', '2031-01-01Z')`,
    [notification, account],
  )
  await owner.query(
    `insert into notifications.delivery (id, notification_id, event, account_id, channel, template, status, due_at, created_at)
     values ($1, $2, 'test', $3, 'email', 'test', 'dead', '2031-01-01Z', '2031-01-01Z')`,
    [delivery, notification, account],
  )
  return { session, app, passkey, notification, delivery }
}

/** An account that somebody made an administrator. */
async function secondAdministrator(house: TestHouse) {
  const ada = await house.signedIn({ roles: ['administrator'] })
  await house.owner.query(
    `insert into identity.account (id, user_name, user_name_key, name, language, password_hash, created_at, updated_at)
     values ($1::uuid, $2, $2, 'Somebody', 'en', '', now(), now())`,
    [ada.account, ada.account],
  )
  const profile = await made(ada, '/v1/administrators', { name: 'Ada', language: 'en' })
  return { secondAdministrator: ada.account, administratorProfile: profile }
}

type People = Record<'self' | 'holder' | 'full' | 'clerk' | 'donor' | 'newcomer' | 'administrator', Client>
type Owned = Record<'saba' | 'kept' | 'okello' | 'caregiver' | 'export' | 'organisation' | 'donorProfile', string>

/** A calendar elsewhere. Nobody may be asked there, so nobody is. */
export const diaryFacts = { label: 'Hospital', kind: 'ics', address: 'http://127.0.0.1:9/diary.ics', zone: 'UTC' }

export const feedFacts = { label: 'Phone', kind: 'ics', shows: 'visits' }

/** A system that nobody can reach. */
export const webhookFacts = {
  ...{ url: 'https://127.0.0.1:9/hooks', description: 'A diary' },
  events: ['Appointment.booked'],
}

/** A browser that nobody can reach; its keys are those of RFC 8291, appendix A. */
export const browserFacts = {
  endpoint: 'https://127.0.0.1:9/browser',
  keys: {
    p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
    auth: 'BTBZMqHH6r4Tts7J_aSIgg',
  },
}

/** By which somebody's calendar program sees their visits. */
async function feedOf(who: Client) {
  const { status, body } = await who.post('/v1/calendar-feeds', feedFacts)
  assert.equal(status, 201, JSON.stringify(body))
  return { calendarFeed: body.id as string, feedFile: new URL(body.address).pathname.replace('/calendars/', '') }
}

async function photosOf({ self, full, donor, clerk }: People, ids: Owned): Promise<void> {
  const owners: readonly [Client, string][] = [
    [self, `patients/${ids.saba}`],
    [full, `caregivers/${ids.caregiver}`],
    [donor, `donors/${ids.donorProfile}`],
    [clerk, `organisations/${ids.organisation}`],
  ]
  for (const [who, path] of owners) {
    const { status, body } = await who.upload(`/v1/${path}/photo`, 'image/png', png)
    assert.ok(status < 300, `${path}: ${JSON.stringify(body)}`)
  }
}

/** Not sent yet: how many it would tell is in the answer. */
async function draftsOf(holder: Client, administrator: Client) {
  const draft = async (who: Client, body: object) => {
    const { status, body: answer } = await who.post('/v1/messages', body)
    assert.equal(status, 201, JSON.stringify(answer))
    return { id: answer.id as string, people: String(answer.counted.people) }
  }
  const panel = await draft(holder, { audience: 'panel', category: 'general', text: 'Please come and see me' })
  const all = await draft(administrator, { audience: 'role', role: 'donor', text: 'Thank you' })
  return { draft: panel.id, draftPeople: panel.people, announcement: all.id, announcementPeople: all.people }
}

export async function belongings(house: TestHouse, people: People, ids: Owned) {
  const { self, holder, newcomer, administrator, clerk } = people
  const app = { name: 'Diary', redirectUris: ['https://app.example/'], scope: 'openid' }
  const oauthClient = await made(administrator, '/v1/oauth-clients', app)
  const number = { kind: 'national', country: 'ZZ', value: 'TEST-111111' }
  await photosOf(people, ids)
  await house.house.tasks()['registry:make-export']?.({ export: ids.export }, {} as never)
  return {
    ...(await rowsOf(house, self.account, oauthClient)),
    ...(await line(house, self, ids.saba, ids.okello)),
    oauthClient,
    newcomer: newcomer.account,
    ...(await secondAdministrator(house)),
    ...(await feedOf(self)),
    ...(await draftsOf(holder, administrator)),
    ...(await recordEntries(holder, ids.saba, png)),
    webhook: await made(administrator, '/v1/webhooks', webhookFacts),
    browser: await made(self, '/v1/push-subscriptions', browserFacts),
    diary: await made(holder, '/v1/busy-calendars', diaryFacts),
    keptDiary: await made(clerk, '/v1/busy-calendars', { practitioner: ids.kept, ...diaryFacts }),
    practitionerIdentifier: await made(holder, `/v1/practitioners/${ids.okello}/identifiers`, number),
  }
}

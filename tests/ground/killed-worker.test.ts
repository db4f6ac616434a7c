import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { HANDS } from '#services/notifications/open-things.ts'
import { bookingOf, openBookable, type Wish } from '../bookable.ts'
import { eventually } from '../journeys/people.ts'
import { type RunningHouse, startHouse } from '../processes.ts'
import { openSmtp } from '../smtp.ts'

const VISITS = 180
const KILLS = 5

async function kill({ processes: [child] }: RunningHouse): Promise<void> {
  if (!child) throw new Error('Nothing runs')
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

async function bookAll(house: RunningHouse, wishes: Wish[]): Promise<void> {
  const client = async () => {
    for (let wish = wishes.shift(); wish; wish = wishes.shift())
      assert.equal((await house.ask('POST', '/v1/appointments', bookingOf(wish))).status, 201)
  }
  await Promise.all(Array.from({ length: 8 }, client))
}

describe('a worker that is killed five times in the middle of its mails', () => {
  it('loses none, and sends none twice but what was being handed over, under the same id', async (t) => {
    await using smtp = await openSmtp()
    await using house = await startHouse('together', { RATE_LIMIT_PER_MINUTE: '1000000', SMTP_URL: smtp.url })
    await using bookable = await openBookable(house.databaseUrls.ownerUrl)
    await bookAll(house, bookable.wishes.slice(0, VISITS))
    for (let n = 1; n <= KILLS; n++) {
      const enough = (n * VISITS) / (KILLS + 1)
      await eventually(`${enough} mails have come`, async () => smtp.mails.length >= enough)
      await kill(house)
      await house.restart({})
    }
    const { owner } = bookable
    const unsent = `select from notifications.delivery where channel = 'email' and status <> 'sent'`
    const told = `select id from notifications.delivery where channel = 'email'`
    await eventually(
      'all are told and sent',
      async () => (await owner.query(told)).rowCount === VISITS && (await owner.query(unsent)).rowCount === 0,
    )
    const ids = smtp.mails.map(({ messageId }) => /<(.+)@/.exec(messageId ?? '')?.[1])
    const { rows } = await owner.query(told)
    assert.deepEqual(new Set(ids), new Set(rows.map(({ id }) => id)))
    const twice = ids.length - new Set(ids).size
    // As many as may be between a provider's yes and our record, at each kill.
    assert.ok(twice <= KILLS * HANDS, `${twice} came twice`)
    t.diagnostic(`${ids.length} mails for ${VISITS} visits: ${twice} twice, under the same Message-ID`)
  })
})

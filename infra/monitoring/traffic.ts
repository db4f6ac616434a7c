import { DEMO_PASSWORD } from '#demo/country.ts'
import { signIns } from '#demo/sign-ins.ts'
import type { RunningHouse } from '#tests/processes.ts'

/** So many things are asked for in a second. */
const PER_SECOND = 20

interface Person {
  userName: string
  token: string
  patient: string
}

/** People of the fictional country who look for care, book it, want what is taken, and sign in, without pause until it is ended. */
export async function startTraffic(house: RunningHouse): Promise<{ asked(): number; stop(): Promise<void> }> {
  const people = await Promise.all(
    signIns.filter(({ patient }) => patient).map(({ userName }) => signIn(house, userName)),
  )
  let asked = 0
  const underWay = new Set<Promise<void>>()
  const timer = setInterval(() => {
    const person = people[asked % people.length] as Person
    const asking: Promise<void> = act(house, person, asked++)
      .catch(() => {}) // the service is there to fail
      .finally(() => void underWay.delete(asking))
    underWay.add(asking)
  }, 1_000 / PER_SECOND)
  return {
    asked: () => asked,
    async stop() {
      clearInterval(timer)
      await Promise.all(underWay)
    },
  }
}

async function signIn(house: RunningHouse, userName: string): Promise<Person> {
  const body = { userName, password: DEMO_PASSWORD }
  const { token } = (await house.ask('POST', '/v1/sessions', { body })).body
  const { items } = (await house.ask('GET', '/v1/patients', { token })).body
  return { userName, token, patient: items[0].id }
}

/** What somebody wants who saw it on their screen before the service failed. */
let wish = {}

async function act(house: RunningHouse, { userName, token, patient }: Person, turn: number): Promise<void> {
  if (turn % 10 === 9) return void (await signIn(house, userName))
  const { body } = await house.ask('GET', '/v1/practitioners/find', { token })
  if (turn % 5 !== 3) return
  const found = body.items?.[turn % body.items.length]
  if (found) {
    const { items } = (await house.ask('GET', `/v1/practitioners/${found.id}/slots`, { token })).body
    wish = { practitioner: found.id, start: items[Math.floor(turn / 5) % items.length].start }
  }
  // The second finds it taken.
  for (let time = 0; time < 2; time++)
    await house.ask('POST', '/v1/appointments', { token, body: { ...wish, patient } })
}

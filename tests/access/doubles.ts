import type { Client, TestHouse } from '#platform/testing.ts'

type Making = (who: Client, path: string, body: object) => Promise<{ id: string }>

/** Two pairs who may be one person: one pair is looked at, the other was merged. */
export async function doubles(house: TestHouse, administrator: Client, made: Making) {
  const person = { gender: 'female', language: 'am', zone: 'UTC' }
  const facts = { name: 'Kofi Mensah', birthDate: '1970-02-03', ...person, phone: '+233 24 111 2222' }
  const two = async (name: string) => {
    const pair = [
      await made(await house.signedIn(), '/v1/patients', { ...facts, name }),
      await made(await house.signedIn(), '/v1/patients', { ...facts, name }),
    ]
    // That job alone: others would change what is asked about.
    for (const { id: patient } of pair)
      await house.house.tasks()['registry:compare-patient']?.({ patient }, {} as never)
    return pair
  }
  await two('Kofi Mensah')
  const [one, other] = await two('Yaw Darko')
  const reason = 'Same person: passport seen'
  const merge = await made(administrator, '/v1/merges', { survivor: one?.id, replaced: other?.id, reason })
  const { items } = (await administrator.get('/v1/duplicates?status=open')).body
  return { duplicate: (items[0]?.id as string | undefined) ?? '', merge: merge.id }
}

import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { freePort } from './processes.ts'
import { openWard, type Ward } from './ward.ts'

export interface ListeningWard extends Ward, AsyncDisposable {
  house: TestHouse
  /** Of the service: what foreign clients are told. */
  base: string
}

/** A house that really listens, for clients that bring their own HTTP. */
export async function openListeningWard(env: Record<string, string> = {}): Promise<ListeningWard> {
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const house = await openTestHouse(everything, { env: { PUBLIC_URL: origin, ...env } })
  await house.app.listen({ port, host: '127.0.0.1' })
  return {
    ...(await openWard(house)),
    house,
    base: `${origin}/fhir/R4`,
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  }
}

import { execFileSync, spawn } from 'node:child_process'
import { pino } from 'pino'
import { loadConfig } from '#platform/config.ts'
import { startEmbeddedPostgres } from '#platform/embedded-postgres.ts'
import { openHouse } from '#platform/house.ts'
import { buildApp } from '#platform/http.ts'
import { divergence } from '#services/scheduling/queries/mirror.ts'
import { everything } from '#services.ts'
import { welcome } from './welcome.ts'

const s = await startEmbeddedPostgres({ home: '/tmp/demo-home' })
try {
  const u = (x: string) => x.replace(/\/[^/?]*(\?|$)/, '/demo_check$1')
  const config = loadConfig({
    OPENHCS_HOME: '/tmp/demo-home',
    DATABASE_URL: u(s.appUrl),
    DATABASE_OWNER_URL: u(s.ownerUrl),
  })
  const house = openHouse({ config, services: everything, log: pino({ level: 'fatal' }) })
  const app = await buildApp(house)
  app.get('/', (_q, reply) => welcome(house).then((html) => reply.type('text/html; charset=utf-8').send(html)))
  await app.listen({ port: 18099, host: '127.0.0.1' })
  console.log('divergence', (await divergence(house.databases.get('scheduling')!.db as never, new Date())).length)
  for (const [name, w, h] of [
    ['wide', 1100, 2300],
    ['narrow', 500, 3200],
  ] as const)
    await new Promise((r) =>
      spawn(
        'chromium',
        [
          '--headless',
          '--no-sandbox',
          '--disable-gpu',
          '--hide-scrollbars',
          `--window-size=${w},${h}`,
          `--screenshot=/tmp/welcome-${name}.png`,
          'http://127.0.0.1:18099/',
        ],
        { stdio: 'ignore' },
      ).on('close', r),
    )
  const t = (await (
    await fetch('http://127.0.0.1:18099/v1/sessions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ userName: 'grace', password: 'null-island-lantern' }),
    })
  ).json()) as any
  for (const q of [
    'speciality=cardiology',
    '',
    'near=0,0&within=30',
    'language=am',
    'mode=video',
    'speciality=neurology&near=0,0&within=100&language=en',
  ]) {
    const t0 = performance.now()
    const r = (await (
      await fetch('http://127.0.0.1:18099/v1/practitioners/find?limit=3&' + q, {
        headers: { authorization: 'Bearer ' + t.token },
      })
    ).json()) as any
    console.log(
      q,
      Math.round(performance.now() - t0) + 'ms',
      r.items?.length,
      JSON.stringify(r.items?.[0] ?? r).slice(0, 400),
    )
  }
  console.log(
    JSON.stringify(
      await (
        await fetch('http://127.0.0.1:18099/v1/notifications', { headers: { authorization: 'Bearer ' + t.token } })
      ).json(),
    ).slice(0, 700),
  )
  await app.close()
  await house.close()
} finally {
  await s.stop()
}

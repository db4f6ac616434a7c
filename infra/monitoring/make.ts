import { needPackages } from '../need-packages.ts'
import { checkRoutes, checkRules, checkTests } from './check-rules.ts'
import { rehearse } from './rehearsal.ts'

// `make alerts`: the rules are tested, then the running service is broken for real, and the right people must hear of it.

const say = (line: string) => process.stdout.write(`${line}\n`)

needPackages('make alerts', {
  prometheus: '/usr/bin/prometheus',
  'prometheus-alertmanager': '/usr/bin/prometheus-alertmanager',
})
say(`promtool: ${await checkRules()}`)
await checkTests()
say('promtool: every alert has tests that would notice if it never came, or always')
say(`amtool: ${checkRoutes()}`)
await rehearse(say)

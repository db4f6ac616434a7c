import type { Severity } from './alerts.ts'
import { type Duration, realTime, type Time } from './time.ts'

/** How one kind of alert reaches somebody: Alertmanager's own words for it. */
export type Receivers = Readonly<Record<Severity, object>>

/** Secrets are files, which the cluster mounts and a machine keeps: never a value in here. */
const SECRETS = '/etc/alertmanager/secrets'

/** Who is woken, who finds it in the morning, and who runs the clinics. The addresses are examples: put yours here. */
export const receivers: Receivers = {
  page: { pagerduty_configs: [{ routing_key_file: `${SECRETS}/page-routing-key`, send_resolved: true }] },
  ticket: { email_configs: [{ to: 'operations@openhcs.invalid', send_resolved: true }] },
  business: { email_configs: [{ to: 'clinics@openhcs.invalid', send_resolved: true }] },
}

/** While the mail server is down nobody hears of it by mail: pages go another way. */
const mail = {
  smtp_smarthost: 'smtp.openhcs.invalid:587',
  smtp_from: 'alerts@openhcs.invalid',
  smtp_auth_username: 'alerts@openhcs.invalid',
  smtp_auth_password_file: `${SECRETS}/smtp-password`,
}

const OF_THE_DATABASE =
  'DatabasePoolExhausted|ReaderLate|JobsLate|JobsGivenUp|MessagesWaiting|MessagesGivenUp|AuditSealLate|RemindersLate'

/** What follows from something else that is known already. What patients notice (the budgets) is never held back by a cause. */
const inhibitions = [
  { source_matchers: ['alertname="ServiceDown"'], target_matchers: ['alertname="TargetDown"'] },
  { source_matchers: ['alertname="DatabaseUnreachable"'], target_matchers: [`alertname=~"${OF_THE_DATABASE}"`] },
  // Without the label both would be equal in having none.
  {
    source_matchers: ['severity="page"', 'journey!=""'],
    target_matchers: ['severity="ticket"', 'journey!=""'],
    equal: ['journey'],
  },
]

export function alertmanagerAt(to: Receivers = receivers, time: Time = realTime, global: object = mail) {
  const wait = (first: Duration, next: Duration, again: Duration) => ({
    group_wait: time.of(first),
    group_interval: time.of(next),
    repeat_interval: time.of(again),
  })
  return {
    global,
    route: {
      receiver: 'ticket',
      group_by: ['alertname', 'journey'],
      ...wait('5m', '15m', '1d'),
      routes: [
        { matchers: ['severity="page"'], receiver: 'page', ...wait('30s', '5m', '1h') },
        { matchers: ['severity="business"'], receiver: 'business', ...wait('5m', '1h', '7d') },
      ],
    },
    inhibit_rules: inhibitions,
    receivers: Object.entries(to).map(([name, ways]) => ({ name, ...ways })),
  }
}

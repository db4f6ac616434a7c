import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Receivers } from './alertmanager.ts'
import type { Severity } from './alerts.ts'

export interface Notice {
  /** To whom it went. */
  receiver: string
  alert: string
  status: 'firing' | 'resolved'
  labels: Record<string, string>
  annotations: Record<string, string>
  at: number
}

export interface Webhook extends AsyncDisposable {
  receivers: Receivers
  notices: Notice[]
}

/** Stands where the pager and the mailboxes stand: hears what Alertmanager has to say. */
export async function openWebhook(): Promise<Webhook> {
  const notices: Notice[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { alerts } = JSON.parse(Buffer.concat(chunks).toString()) as { alerts: Omit<Notice, 'receiver' | 'alert'>[] }
    for (const { status, labels, annotations } of alerts)
      notices.push({
        receiver: request.url?.slice(1) ?? '',
        alert: labels.alertname ?? '',
        ...{ status, labels, annotations, at: Date.now() },
      })
    response.end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const to = (severity: Severity) => ({
    webhook_configs: [{ url: `http://127.0.0.1:${port}/${severity}`, send_resolved: true }],
  })
  return {
    notices,
    receivers: { page: to('page'), ticket: to('ticket'), business: to('business') },
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

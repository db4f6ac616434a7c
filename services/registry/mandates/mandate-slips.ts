import { timingSafeEqual } from 'node:crypto'
import { toString as qrCode } from 'qrcode'
import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import type { Context } from '#platform/context.ts'
import { digestsOf, digestToKeep, requireKey } from '#platform/data-keys.ts'
import { escapeHtml } from '#platform/documents.ts'
import type { Exchange } from '#platform/service.ts'
import { transact } from '#platform/transaction.ts'
import { notThere } from '../caller.ts'
import type * as contract from '../contract/mandates.ts'
import type { Tables } from '../database.ts'
import { mandate, mandateOfSlip, type NamedMandateRow } from '../queries/mandates.ts'
import { auditMandate, eyesOf, knowsPatient, statusOf, toMandate } from './mandates.ts'

// A slip is for whoever has no telephone at hand, and for whoever is shown one: a pharmacy, a gatekeeper, a ward. Its code names the mandate and proves that
// this installation made it; who, what and until when is looked up when it is checked, so that a paper says nothing that has ended.

type Ctx = Context<Tables>

/** 128 bits: nobody finds a code that they have not been shown. */
const MAC_BYTES = 16
const ID_BYTES = 16

const partsOf = (id: Buffer) => ['registry.mandate_slip', id.toString('hex')]

async function codeOf(ctx: Ctx, mandate: string): Promise<string> {
  const id = Buffer.from(mandate.replaceAll('-', ''), 'hex')
  const mac = await digestToKeep(ctx, ...partsOf(id))
  return Buffer.concat([id, mac.subarray(0, MAC_BYTES)]).toString('base64url')
}

/** Made under any key that there has been: a slip is not printed anew because keys changed. */
async function mandateOf(ctx: Ctx, code: string): Promise<string | undefined> {
  const bytes = Buffer.from(code, 'base64url')
  const id = bytes.subarray(0, ID_BYTES)
  const mac = bytes.subarray(ID_BYTES, ID_BYTES + MAC_BYTES)
  if (mac.length !== MAC_BYTES) return undefined
  const made = await digestsOf(ctx, ...partsOf(id))
  if (!made.some((digest) => timingSafeEqual(mac, digest.subarray(0, MAC_BYTES)))) return undefined
  return id.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

export async function checkMandateSlip(
  ctx: Ctx,
  code: string,
): Promise<Static<typeof contract.checkMandateSlip.response>> {
  const id = await mandateOf(ctx, code)
  if (id === undefined) throw notThere('slip')
  return await transact(ctx, async (ctx) => {
    const row = await mandateOfSlip(ctx.db, id)
    if (!row || !knowsPatient(row)) throw notThere('slip')
    audit(ctx, { action: 'R', entity: `Mandate/${id}`, subject: `Patient/${row.patient_id}`, reason: 'slip' })
    const { caregiverName, powers, status } = toMandate(row, ctx)
    const of = { patientName: row.patient_name, validUntil: row.valid_until.toISOString() }
    return { status, ...of, caregiverName, powers, checkedAt: ctx.now().toISOString() }
  })
}

/** A page that needs no script, for a printer. */
export async function readMandateSlip(ctx: Ctx, id: string, { reply }: Exchange): Promise<void> {
  await requireKey(ctx)
  const row = await transact(ctx, async (ctx) => {
    const row = await mandate(ctx.db, id, eyesOf(ctx))
    if (!row || !knowsPatient(row)) throw notThere('mandate')
    auditMandate(ctx, 'R', row)
    return row
  })
  const url = `${ctx.config.PUBLIC_URL}/v1/mandate-slips/${await codeOf(ctx, id)}`
  reply.headers({
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox",
    'cache-control': 'no-store',
  })
  return page(row, url, await qrCode(url, { type: 'svg', margin: 2 }), ctx.now()) as unknown as undefined
}

const inWords: Record<string, string> = {
  book: 'book, move and cancel appointments',
  'see-record': 'see the record',
  'see-sensitive': 'see what is sensitive in the record',
  'receive-messages': 'receive messages',
  pay: 'pay',
}

function page(row: NamedMandateRow, url: string, svg: string, now: Date): string {
  const day = (date: Date) => date.toISOString().slice(0, 10)
  const powers = row.powers.map((power) => `<li>${inWords[power] ?? escapeHtml(power)}</li>`).join('')
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Mandate</title>
<style>
  body { font: 12pt/1.4 system-ui, sans-serif; max-width: 16cm; margin: 2cm auto; }
  bdi { font-weight: bold; }
  svg { width: 5cm; height: 5cm; }
  code { font-size: 8pt; overflow-wrap: anywhere; }
</style>
<h1>Mandate</h1>
<p><bdi>${escapeHtml(row.caregiver_name)}</bdi> may act for <bdi>${escapeHtml(row.patient_name)}</bdi> until ${day(row.valid_until)}:</p>
<ul>${powers}</ul>
<p>Printed on ${day(now)}, when it was <strong>${statusOf(row, now)}</strong>. It may have ended since: scan the code to see whether it holds now, and whether these are the names.</p>
${svg}
<p><code>${escapeHtml(url)}</code></p>
</html>
`
}

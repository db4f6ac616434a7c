import { decodeProtectedHeader, errors, FlattenedSign, flattenedVerify } from 'jose'
import type { Context, TransactionContext } from '../context.ts'
import { type Canonicalization, canonicalForm, isCanonicalization } from './canonical-json.ts'
import { publicKey, signingKey } from './keys.ts'

type Resource = Readonly<Record<string, unknown>>

/** What a signature means, from urn:iso-astm:E1762-95:2013. */
const COMMITMENTS = {
  author: { id: 'urn:oid:1.2.840.10065.1.12.1.1', desc: "Author's Signature" },
  coauthor: { id: 'urn:oid:1.2.840.10065.1.12.1.2', desc: "Coauthor's Signature" },
  verification: { id: 'urn:oid:1.2.840.10065.1.12.1.5', desc: 'Verification Signature' },
  source: { id: 'urn:oid:1.2.840.10065.1.12.1.14', desc: 'Source Signature' },
}

export interface Signing {
  /** One resource, or several in the order in which a Provenance names them. */
  signed: Resource | readonly Resource[]
  canonicalization: Canonicalization
  /** Who signs, as a reference: `Practitioner/…`. */
  by: string
  as: keyof typeof COMMITMENTS
}

/**
 * A detached JWS (RFC 7515, appendix F) by the house's key: `header..signature`, for the base64 of `Signature.data`. What is signed, when, by whom and as what are in the
 * protected header, under the names of FHIR's JSON signatures (build.fhir.org/signatures.html), which are those of JAdES; `iss` and `sub` as in RFC 7519 §5.3.
 */
export async function sign<T>(
  ctx: TransactionContext<T>,
  { signed, canonicalization, by, as }: Signing,
): Promise<string> {
  const { kid, privateKey } = await signingKey(ctx)
  const sigT = ctx.now().toISOString().replace(/\.\d+/, '') // JAdES wants no fractions of seconds
  const { protected: header, signature } = await new FlattenedSign(canonicalForm(signed, canonicalization))
    .setProtectedHeader({
      alg: 'ES256',
      kid,
      iss: ctx.config.PUBLIC_URL,
      sub: by,
      sigT,
      canon: canonicalization,
      srCms: [{ commId: COMMITMENTS[as] }],
    })
    .sign(privateKey)
  return `${header}..${signature}`
}

/** `malformed`: no signature of this house. `unknown-key`: of none of its keys. `withdrawn-key`: of one that leaked. `altered`: of something else than this. */
export type Refusal = 'malformed' | 'unknown-key' | 'withdrawn-key' | 'altered'

export type Verdict =
  | { verified: true; by: string; at: Date; as: keyof typeof COMMITMENTS }
  | { verified: false; why: Refusal }

/** Whether this is what was signed, and if not, why not. Who signed is to be believed only of what is verified. */
export async function verify<T>(
  { db }: Pick<Context<T>, 'db'> | Pick<TransactionContext<T>, 'db'>,
  signed: Signing['signed'],
  jws: string,
): Promise<Verdict> {
  const refused = (why: Refusal): Verdict => ({ verified: false, why })
  const header = headerOf(jws)
  if (!header) return refused('malformed')
  const key = await publicKey(db, header.kid)
  if (key === undefined) return refused('unknown-key')
  if (key === 'withdrawn') return refused('withdrawn-key')
  const [protectedHeader = '', , signature = ''] = jws.split('.')
  try {
    const payload = Buffer.from(canonicalForm(signed, header.canon)).toString('base64url')
    await flattenedVerify({ protected: protectedHeader, payload, signature }, key, { algorithms: ['ES256'] })
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) return refused('altered')
    throw error
  }
  return { verified: true, by: header.sub, at: new Date(header.sigT), as: header.as }
}

function headerOf(jws: string) {
  if (!/^[\w-]+\.\.[\w-]{86}$/.test(jws)) return undefined
  try {
    const { alg, kid, sub, sigT, canon, srCms } = decodeProtectedHeader(jws) as Record<string, unknown>
    const id = (srCms as { commId?: { id?: unknown } }[])[0]?.commId?.id
    const as = (Object.keys(COMMITMENTS) as Signing['as'][]).find((one) => COMMITMENTS[one].id === id)
    if (alg !== 'ES256' || typeof kid !== 'string' || typeof sub !== 'string' || as === undefined) return undefined
    if (typeof sigT !== 'string' || Number.isNaN(Date.parse(sigT)) || !isCanonicalization(canon)) return undefined
    return { kid, sub, sigT, canon, as }
  } catch {
    return undefined
  }
}

import { createHmac, timingSafeEqual } from 'node:crypto'
import type { InteractionResults, Provider } from 'oidc-provider'
import { audit } from '#platform/audit.ts'
import type { Context, Errand } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { keysFor } from '#platform/purpose-keys.ts'
import { transact } from '#platform/transaction.ts'
import type { Tables } from '../database.ts'
import { accountById } from '../queries/accounts.ts'
import { consumeLaunch, patientOfLaunch } from './launch.ts'
import { type Choice, consentPage, secondFactorPage, signInPage } from './pages.ts'
import { bindGrant } from './queries.ts'
import { inWords, isPatientScope } from './scopes.ts'
import { patientsFor, signIn, signInWithFactor } from './sign-in.ts'

type Ctx = Context<Tables>
export type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>
type Fields = Record<string, string>

/** One request to the pages: what it is about, and with what it is served. */
export interface Visit {
  ctx: Ctx
  open: (errand: Errand) => Ctx
  provider: Provider
  interaction: Interaction
  address: string
}

export type Next =
  | { result: InteractionResults }
  | { html: string; status: number; retryAfterSeconds?: number | undefined }

const refused = (error: string, error_description: string): Next => ({ result: { error, error_description } })

/** Beside the cookie, which other sites cannot make a browser send: the form must come from the page that this browser was shown. */
const formTokens = ({ ctx, interaction }: Visit) =>
  keysFor(ctx.config, 'oauth forms').map((key) => createHmac('sha256', key).update(interaction.uid).digest('base64url'))

function checkForm(visit: Visit, { token = '' }: Fields): void {
  const given = Buffer.from(token)
  const fits = (expected: Buffer) => given.length === expected.length && timingSafeEqual(given, expected)
  if (!formTokens(visit).some((expected) => fits(Buffer.from(expected))))
    throw new Problem(
      'forbidden',
      'This form did not come from the page that you were shown. Start again from the app.',
    )
}

const formOf = (visit: Visit) => ({
  action: `/oauth/interaction/${visit.interaction.uid}`,
  token: formTokens(visit)[0] ?? '',
})

async function appOf({ provider, interaction }: Visit): Promise<string> {
  const client = await provider.Client.find(String(interaction.params.client_id))
  if (!client) throw new Problem('not-found', 'The app that sent you here is not registered any more.')
  return client.clientName ?? ''
}

export function show(visit: Visit): Promise<Next> {
  return visit.interaction.prompt.name === 'login' ? showSignIn(visit) : showConsent(visit)
}

export function submit(visit: Visit, fields: Fields): Promise<Next> {
  checkForm(visit, fields)
  if (fields.choice === 'cancel') return Promise.resolve(refused('access_denied', 'the person said no'))
  return visit.interaction.prompt.name === 'login' ? submitSignIn(visit, fields) : submitConsent(visit, fields)
}

async function showSignIn(visit: Visit, name?: string, problem?: Problem): Promise<Next> {
  const html = signInPage({
    ...formOf(visit),
    app: await appOf(visit),
    ...(name !== undefined && { name }),
    problem: problem?.message,
  })
  return { html, status: problem?.status ?? 200, retryAfterSeconds: problem?.retryAfterSeconds }
}

async function showSecondFactor(visit: Visit, challenge: string, problem?: Problem): Promise<Next> {
  const html = secondFactorPage({ ...formOf(visit), app: await appOf(visit), challenge, problem: problem?.message })
  return { html, status: problem?.status ?? 200, retryAfterSeconds: problem?.retryAfterSeconds }
}

/** What the right password of an account with a second factor is answered with. */
const challengeIn = ({ details }: Problem): string | undefined =>
  (details as { secondFactor?: { challenge: string } } | undefined)?.secondFactor?.challenge

function loginBy({ ctx, address }: Visit, { name = '', password = '', challenge, code = '' }: Fields) {
  if (challenge !== undefined) {
    if (!code || code.length > 40 || challenge.length > 1_000)
      throw new Problem('invalid', 'Give the code from your app.')
    return signInWithFactor(ctx, { challenge, code: code.replace(/\s/g, '') }, address)
  }
  const fits = name.length > 0 && name.length <= 40 && password.length > 0 && password.length <= 128
  if (!fits) throw new Problem('invalid', 'Give your user name or phone number, and your password.')
  return signIn(ctx, { name, password }, address)
}

async function submitSignIn(visit: Visit, fields: Fields): Promise<Next> {
  try {
    const login = await loginBy(visit, fields)
    const before = visit.interaction.session?.accountId
    if (before !== undefined && before !== login.accountId)
      throw new Problem(
        'conflict',
        'This browser is signed in as somebody else for apps. Sign in as the same person, or cancel.',
      )
    return { result: { login } }
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500) throw error
    const asked = challengeIn(error)
    if (asked !== undefined) return showSecondFactor(visit, asked)
    if (fields.challenge !== undefined) return showSecondFactor(visit, fields.challenge.slice(0, 1_000), error)
    return showSignIn(visit, fields.name?.slice(0, 40), error)
  }
}

/** What the app asks for, and for which patients it could be. */
interface Wish {
  account: string
  oidc: string[]
  resources: Record<string, string[]>
  scopes: string[]
  launch: string | undefined
  patients: Choice[] | undefined
}

async function wishOf(visit: Visit): Promise<Wish | Next> {
  const { ctx, open, interaction } = visit
  const account = interaction.session?.accountId
  if (!account) throw new Problem('login', 'Sign in first.')
  const { missingOIDCScope = [], missingResourceScopes = {} } = interaction.prompt.details as {
    missingOIDCScope?: string[]
    missingResourceScopes?: Record<string, string[]>
  }
  const scopes = [...new Set([...missingOIDCScope, ...Object.values(missingResourceScopes).flat()])]
  const wish = { account, oidc: missingOIDCScope, resources: missingResourceScopes, scopes }
  if (scopes.includes('launch') && interaction.params.launch !== undefined) {
    const launch = String(interaction.params.launch)
    const patient = await patientOfLaunch(ctx, launch, account)
    if (!patient) return refused('invalid_request', 'launch is unknown, expired, used, or somebody else’s')
    return { ...wish, launch, patients: [{ id: patient, name: 'The patient who is open now' }] }
  }
  const choose = scopes.includes('launch/patient') || scopes.some(isPatientScope)
  if (!choose) return { ...wish, launch: undefined, patients: undefined }
  const patients = await patientsFor(ctx, account, open)
  if (patients.length === 0) return refused('access_denied', 'there is no patient whom this person may act for')
  return { ...wish, launch: undefined, patients }
}

async function showConsent(visit: Visit, problem?: string): Promise<Next> {
  const wish = await wishOf(visit)
  if (!('account' in wish)) return wish
  const person = await accountById(visit.ctx.db, wish.account)
  const html = consentPage({
    ...formOf(visit),
    app: await appOf(visit),
    person: person?.name ?? '',
    scopes: wish.scopes.map(inWords),
    patients: wish.patients,
    problem,
  })
  return { html, status: problem ? 400 : 200 }
}

async function submitConsent(visit: Visit, fields: Fields): Promise<Next> {
  const wish = await wishOf(visit)
  if (!('account' in wish)) return wish
  const patient = wish.patients?.find(({ id }) => id === fields.patient)?.id
  if (wish.patients && !patient) return showConsent(visit, 'Choose one of these people.')
  const { provider, interaction } = visit
  const clientId = String(interaction.params.client_id)
  const grant = new provider.Grant({ accountId: wish.account, clientId })
  if (wish.oidc.length > 0) grant.addOIDCScope(wish.oidc.join(' '))
  for (const [resource, scopes] of Object.entries(wish.resources)) grant.addResourceScope(resource, scopes.join(' '))
  const grantId = await grant.save()
  if (await record(visit, wish, { grantId, clientId, patient })) return { result: { consent: { grantId } } }
  await grant.destroy()
  return refused('invalid_request', 'launch has been used already')
}

/** Binds the grant to its patient, uses the launch up, and leaves a trace, together. */
function record(
  { ctx, open }: Visit,
  wish: Wish,
  of: { grantId: string; clientId: string; patient: string | undefined },
) {
  const actor = { kind: 'account', account: wish.account, roles: [], self: {}, client: of.clientId } as const
  const asAccount = open({ actor, traceId: ctx.traceId, doing: 'authorizeApp' })
  return transact(asAccount, async (ctx) => {
    if (wish.launch !== undefined && !(await consumeLaunch(ctx.db, wish.launch, ctx.now()))) return false
    await bindGrant(ctx.db, of.grantId, { patient_id: of.patient ?? null, scopes: wish.scopes })
    const subject = of.patient ? `Patient/${of.patient}` : `Account/${wish.account}`
    audit(ctx, { action: 'C', entity: `Grant/${of.grantId}`, subject })
    return true
  })
}

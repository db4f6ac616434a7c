import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { Browser, callback } from '../../services/identity/oauth/testing.ts'
import { forms, type RunningHouse, startHouse } from '../processes.ts'

// An app is registered, let in for one patient, and shown out again: over HTTP, also with the rooms in processes of their own.

const password = 'fictional and long enough'

async function asked<T>(answer: Promise<{ status: number; body: T }>, status: number): Promise<T> {
  const { status: given, body } = await answer
  assert.equal(given, status, JSON.stringify(body))
  return body
}

async function signedIn(house: RunningHouse, userName: string): Promise<string> {
  return (await asked(house.ask('POST', '/v1/sessions', { body: { userName, password } }), 201)).token
}

async function letIn(issuer: string, app: string, patient: string): Promise<string> {
  const verifier = randomBytes(32).toString('base64url')
  const query = new URLSearchParams({
    client_id: app,
    response_type: 'code',
    redirect_uri: callback,
    scope: 'launch/patient patient/Patient.r',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  const who = { name: 'tsehay', password }
  const back = await new Browser().authorize(`${issuer}/oauth/authorize?${query}`, patient, who)
  const form = { grant_type: 'authorization_code', client_id: app, redirect_uri: callback, code_verifier: verifier }
  const body = new URLSearchParams({ ...form, code: back.searchParams.get('code') ?? '' })
  const tokens = (await (await fetch(`${issuer}/oauth/token`, { method: 'POST', body })).json()) as Record<
    string,
    string
  >
  assert.equal(tokens.patient, patient, JSON.stringify(tokens))
  return tokens.access_token ?? ''
}

for (const form of forms)
  describe(`an app is let in and shown out, rooms ${form}`, () => {
    it('reaches the patient until the next request after that', async () => {
      await using house = await startHouse(form)
      const { code, output } = await house.command(['administrator', 'create', 'ada'], `${password}\n`)
      assert.equal(code, 0, output)
      const root = await signedIn(house, 'ada')
      const registration = { name: 'Diary', redirectUris: [callback], scope: 'launch/patient patient/Patient.r' }
      const app = await asked(house.ask('POST', '/v1/oauth-clients', { token: root, body: registration }), 201)
      await asked(house.ask('POST', '/v1/accounts', { body: { userName: 'tsehay', name: 'Tsehay', password } }), 201)
      const token = await signedIn(house, 'tsehay')
      const facts = { name: 'Tsehay', birthDate: '1960-01-01', gender: 'female', language: 'am', zone: 'UTC' }
      const patient = (await asked(house.ask('POST', '/v1/patients', { token, body: facts }), 201)).id
      const issuer = `http://localhost:${new URL(house.origins[0] ?? '').port}`
      const theirs = await letIn(issuer, app.id, patient)
      await asked(house.ask('GET', `/v1/patients/${patient}`, { token: theirs }), 200)
      await asked(house.ask('GET', '/v1/patients', { token: theirs }), 403)
      const [grant] = (await asked(house.ask('GET', '/v1/apps', { token }), 200)).items
      await asked(house.ask('DELETE', `/v1/apps/${grant.id}`, { token }), 204)
      await asked(house.ask('GET', `/v1/patients/${patient}`, { token: theirs }), 401)
    })
  })

import { escapeHtml } from '#platform/documents.ts'

// Pages of the provider: plain HTML that needs no script. Text of others is escaped; there is no other way to put text in.

export const style = `
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; background: #fff }
  label { display: block; margin-top: 1rem }
  input[type=text], input[type=password] { font: inherit; width: 100%; padding: .5rem; border: 1px solid #595959; box-sizing: border-box }
  button { font: inherit; padding: .5rem 1.25rem; margin: 1.5rem 1rem 0 0; border: 2px solid #0b5c8a; background: #fff; color: #0b5c8a }
  button.main { background: #0b5c8a; color: #fff }
  :focus-visible { outline: 3px solid #b35900; outline-offset: 2px }
  [role=alert] { border-inline-start: 4px solid #b00020; padding-inline-start: 1rem }
  fieldset { border: 1px solid #595959; margin-top: 1rem }
`

const frame = (title: string, body: string) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><link rel="stylesheet" href="/oauth/style.css"></head>
<body><main><h1>${escapeHtml(title)}</h1>${body}</main></body></html>`

const paragraphs = (texts: string[]) => texts.map((text) => `<p>${escapeHtml(text)}</p>`).join('')

/** A page that only says something. */
export const page = (title: string, texts: string[]): string => frame(title, paragraphs(texts))

interface Form {
  action: string
  token: string
}

const form = ({ action, token }: Form, fields: string, button: string) =>
  `<form method="post" action="${escapeHtml(action)}"><input type="hidden" name="token" value="${escapeHtml(token)}">${fields}
<button class="main" name="choice" value="go">${button}</button><button name="choice" value="cancel" formnovalidate>Cancel</button></form>`

const alert = (problem: string | undefined) => (problem ? `<p role="alert">${escapeHtml(problem)}</p>` : '')

export function signInPage(of: Form & { app: string; name?: string; problem?: string | undefined }): string {
  const fields = `
<label for="name">User name, or phone number with country code</label>
<input type="text" id="name" name="name" autocomplete="username" autocapitalize="none" maxlength="40" required value="${escapeHtml(of.name ?? '')}">
<label for="password">Password</label>
<input type="password" id="password" name="password" autocomplete="current-password" maxlength="128" required>`
  const intro = `<p>to go on to <strong>${escapeHtml(of.app)}</strong></p>`
  return frame('Sign in', `${intro}${alert(of.problem)}${form(of, fields, 'Sign in')}`)
}

export function secondFactorPage(of: Form & { app: string; challenge: string; problem?: string | undefined }): string {
  const fields = `<input type="hidden" name="challenge" value="${escapeHtml(of.challenge)}">
<label for="code">Code from your app, or a recovery code</label>
<input type="text" id="code" name="code" autocomplete="one-time-code" autocapitalize="none" maxlength="40" required>`
  const intro = `<p>to go on to <strong>${escapeHtml(of.app)}</strong></p>`
  return frame('One step more', `${intro}${alert(of.problem)}${form(of, fields, 'Go on')}`)
}

export interface Choice {
  id: string
  name: string
}

export interface Consent extends Form {
  app: string
  person: string
  scopes: string[]
  /** Of whom one is to be chosen; absent where no patient is asked for. */
  patients: Choice[] | undefined
  problem?: string | undefined
}

export function consentPage(of: Consent): string {
  const wishes = of.scopes.map((scope) => `<li>${escapeHtml(scope)}</li>`).join('')
  const intro = `<p>You are signed in as ${escapeHtml(of.person)}. <strong>${escapeHtml(of.app)}</strong> wants to:</p><ul>${wishes}</ul>
<p>You can end this at any time in your list of apps.</p>`
  const picker = of.patients ? pickerOf(of.patients) : ''
  return frame('Let this app in?', `${intro}${alert(of.problem)}${form(of, picker, 'Allow')}`)
}

function pickerOf(patients: Choice[]): string {
  const options = patients.map(
    ({ id, name }, at) =>
      `<label><input type="radio" name="patient" value="${escapeHtml(id)}" required${
        patients.length === 1 && at === 0 ? ' checked' : ''
      }> ${escapeHtml(name)}</label>`,
  )
  return `<fieldset><legend>For whom?</legend>${options.join('')}</fieldset>`
}

import { mkdtempSync, realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** CircleCI gives its token in a variable; the cloud's own libraries read one from a file. */
export function useOidcToken(): void {
  const { CIRCLE_OIDC_TOKEN_V2: token } = process.env
  if (!token) return
  const file = join(mkdtempSync(join(realpathSync(tmpdir()), 'openhcs-oidc-')), 'token')
  writeFileSync(file, token, { mode: 0o600 })
  process.env.AWS_WEB_IDENTITY_TOKEN_FILE = file
}

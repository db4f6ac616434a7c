import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { dockerfileProblems } from './dockerfile-rules.ts'

const ours = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8')

describe('rules for the Dockerfile', () => {
  it('are kept by ours', () => {
    assert.deepEqual(dockerfileProblems(ours), [])
  })

  const violations: [name: string, find: string | RegExp, plant: string, complaint: RegExp][] = [
    ['a base by its tag', `FROM \${RUN_BASE}`, 'FROM node:24', /given by digest/],
    ['a base without any', `FROM \${BUILD_BASE} AS packages`, 'FROM debian AS packages', /given by digest/],
    ['ADD', 'COPY commands ./commands', 'ADD https://example.test/x ./commands', /COPY says what it does/],
    ['RUN in shell form', /^RUN \["rm".*$/m, 'RUN rm -rf node_modules/typescript', /RUN in exec form/],
    ['CMD in shell form', 'CMD ["start"]', 'CMD start', /CMD in exec form/],
    ['ENTRYPOINT in shell form', /^ENTRYPOINT .*$/m, 'ENTRYPOINT node main.ts', /ENTRYPOINT in exec form/],
    ['a secret in ENV', 'ENV NODE_ENV=production', 'ENV OPENHCS_SECRET_KEY=00 NODE_ENV=production', /a secret stays/],
    ['a secret in ARG', 'ARG REVISION', 'ARG NPM_TOKEN=x\nARG REVISION', /a secret stays/],
    ['root', 'USER 65532:65532', 'USER 0', /runs as 0/],
    ['a name, which Kubernetes cannot check', 'USER 65532:65532', 'USER nonroot', /runs as nonroot/],
    ['no user at all', 'USER 65532:65532\n', '', /runs as root/],
    ['no health check', /^HEALTHCHECK .*$/m, '', /HEALTHCHECK is missing/],
    ['no labels', /^LABEL [\s\S]*?(?=^WORKDIR)/m, '', /LABEL is missing/],
    ['no signal', 'STOPSIGNAL SIGTERM\n', '', /STOPSIGNAL is missing/],
  ]
  for (const [name, find, plant, complaint] of violations)
    it(`find ${name}`, () => {
      const planted = ours.replace(find, () => plant)
      assert.notEqual(planted, ours)
      assert.match(dockerfileProblems(planted).join('\n'), complaint)
    })

  it('permit earlier stages, scratch and digests', () => {
    const digest = `debian@sha256:${'0'.repeat(64)}`
    const text = ours
      .replace(`FROM \${BUILD_BASE} AS packages`, `FROM ${digest} AS packages`)
      .replace(`FROM \${RUN_BASE}`, 'FROM packages')
    assert.deepEqual(dockerfileProblems(text), [])
  })
})

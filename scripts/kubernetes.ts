import { existsSync, globSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { filesOf } from '#infra/kubernetes/files.ts'
import { keep } from './generated-file.ts'

// infra/kubernetes/base, overlays and chart, from the objects that the release driver applies.

const root = join(import.meta.dirname, '../infra/kubernetes')
const { version } = JSON.parse(readFileSync(join(root, '../../package.json'), 'utf8')) as { version: string }
const files = filesOf(version)
for (const [path, content] of files) {
  if (!existsSync(dirname(join(root, path))) && !process.argv.includes('--check'))
    mkdirSync(dirname(join(root, path)), { recursive: true })
  keep(`infra/kubernetes/${path}`, content)
}
for (const path of globSync('{base,overlays,chart}/**/*.{yaml,json}', { cwd: root })) {
  if (files.has(path)) continue
  if (process.argv.includes('--check')) {
    process.stderr.write(`infra/kubernetes/${path} is nobody's. Run: npm run generate\n`)
    process.exitCode = 1
  } else rmSync(join(root, path))
}

import { relative } from 'node:path'
import type { TestEvent } from 'node:test/reporters'
import { inspect } from 'node:util'

/** One line a file, failures in full, and node:test's own summary as the last lines. */
export default async function* report(events: AsyncIterable<TestEvent>) {
  const printed = new Map<string, string>()
  for await (const { type, data } of events) {
    if (type === 'test:stdout' || type === 'test:stderr')
      printed.set(data.file, (printed.get(data.file) ?? '') + data.message)
    else if (type === 'test:pass' && typeof data.skip === 'string') yield `ℹ ${data.skip}\n`
    else if (type === 'test:fail' && !isParent(data.details.error)) yield failure(data)
    else if (type === 'test:summary' && data.file) {
      const { file, success, counts, duration_ms } = data
      yield `${success ? '✔' : '✖'} ${relative('.', file)} (${counts.tests} tests, ${(duration_ms / 1000).toFixed(1)} s)\n`
      if (!success) yield indent(printed.get(file) ?? '')
    } else if (type === 'test:diagnostic' && data.nesting === 0 && !data.file) yield `ℹ ${data.message}\n`
  }
}

/** A suite fails with its tests, which were reported already. */
function isParent(error: unknown) {
  return error instanceof Error && 'failureType' in error && error.failureType === 'subtestsFailed'
}

function failure({ name, file, line, details }: Extract<TestEvent, { type: 'test:fail' }>['data']) {
  const cause = details.error.cause ?? details.error
  return `✖ ${name} (${relative('.', file ?? '')}:${line})\n${indent(inspect(cause, { depth: 6 }))}`
}

function indent(text: string) {
  return text === '' ? '' : `${text.trimEnd().replace(/^/gm, '    ')}\n`
}

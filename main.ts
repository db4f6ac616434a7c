#!/usr/bin/env node
import { commands } from '#commands/commands.ts'

/** `node main.ts` starts the house; `node main.ts help` lists what else it does. */
const [name = 'start', ...rest] = process.argv.slice(2)
const command = Object.hasOwn(commands, name) ? commands[name] : undefined
if (!command) {
  process.stderr.write(`There is no command '${name}'. Try: ${Object.keys(commands).join(', ')}\n`)
  process.exitCode = 2
} else {
  try {
    await command.run(rest)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
    if (process.argv.includes('--trace')) throw error
    process.exitCode = 1
  }
}

import { administrator } from './administrator.ts'
import { auditCommand } from './audit.ts'
import { backupCommand } from './backup.ts'
import { demo } from './demo.ts'
import { doctor } from './doctor.ts'
import { jobsCommand } from './jobs.ts'
import { keysCommand } from './keys.ts'
import { migrateCommand } from './migrate.ts'
import { ready } from './ready.ts'
import { restoreCommand } from './restore.ts'
import { start } from './start.ts'
import { upgrade } from './upgrade.ts'

export interface Command {
  usage: string
  run(args: string[]): Promise<void>
}

export const commands: Record<string, Command> = {
  start: { usage: 'start                                serve everything in the foreground', run: start },
  migrate: {
    usage:
      'migrate [contract]                   bring the schema forward; contract: also drop what the last release needed',
    run: migrateCommand,
  },
  ready: { usage: 'ready                                whether the house on this machine can serve', run: ready },
  demo: { usage: 'demo load | purge                    the fictional country', run: demo },
  administrator: {
    usage: 'administrator create <user name>     asks for a password on standard input',
    run: administrator,
  },
  audit: {
    usage: `audit verify [<file>…]               recompute the chain of the audit, with parts that were handed out
  audit detach <folder> --older-than <days>   hand out old parts as files
  audit partition                      what the worker does every hour, and rows without a partition`,
    run: auditCommand,
  },
  keys: {
    usage: 'keys list | rotate                   keys of encrypted data; a new one for everything, while it runs',
    run: keysCommand,
  },
  jobs: {
    usage:
      'jobs return                          from JOBS_DATABASE_URL back into the house’s database, while it is stopped',
    run: jobsCommand,
  },
  backup: {
    usage: 'backup <file> | verify <file>        everything in one file (-: standard output); look through one',
    run: backupCommand,
  },
  restore: { usage: 'restore <file>                       a backup into an empty database', run: restoreCommand },
  upgrade: { usage: 'upgrade                              look, back up, migrate, look again', run: upgrade },
  doctor: { usage: 'doctor                               what is wrong here, and what to do about it', run: doctor },
  help: {
    usage: 'help',
    async run() {
      process.stdout.write(
        `openhcs <command>\n\n${Object.values(commands)
          .map(({ usage }) => `  ${usage}`)
          .join('\n')}\n\nSettings are environment variables: see .env.example.\n`,
      )
    },
  },
}

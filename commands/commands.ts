export interface Command {
  usage: string
  run(args: string[]): Promise<void>
}

// Each is loaded when it is asked for: `ready` is asked from inside an image every few seconds, and the whole product takes 200 MB and a second to load.
export const commands: Record<string, Command> = {
  start: {
    usage: 'start                                serve everything in the foreground',
    run: async () => (await import('./start.ts')).start(),
  },
  migrate: {
    usage:
      'migrate [contract]                   bring the schema forward; contract: also drop what the last release needed',
    run: async (args) => (await import('./migrate.ts')).migrateCommand(args),
  },
  ready: {
    usage: 'ready                                whether the house on this machine can serve',
    run: async () => (await import('./ready.ts')).ready(),
  },
  demo: {
    usage: 'demo load | purge                    the fictional country',
    run: async (args) => (await import('./demo.ts')).demo(args),
  },
  administrator: {
    usage: 'administrator create <user name>     asks for a password on standard input',
    run: async (args) => (await import('./administrator.ts')).administrator(args),
  },
  audit: {
    usage: `audit verify [<file>…]               recompute the chain of the audit, with parts that were handed out
  audit detach <folder> --older-than <days>   hand out old parts as files
  audit partition                      what the worker does every hour, and rows without a partition`,
    run: async (args) => (await import('./audit.ts')).auditCommand(args),
  },
  keys: {
    usage: `keys list | rotate                   keys of encrypted data and that sign; new ones for everything, while it runs
  keys withdraw <kid>                  after a leak: what this key signed counts no longer`,
    run: async (args) => (await import('./keys.ts')).keysCommand(args),
  },
  jobs: {
    usage:
      'jobs return                          from JOBS_DATABASE_URL back into the house’s database, while it is stopped',
    run: async (args) => (await import('./jobs.ts')).jobsCommand(args),
  },
  backup: {
    usage: 'backup <file> | verify <file>        everything in one file (-: standard output); look through one',
    run: async (args) => (await import('./backup.ts')).backupCommand(args),
  },
  restore: {
    usage: 'restore <file>                       a backup into an empty database',
    run: async (args) => (await import('./restore.ts')).restoreCommand(args),
  },
  'import-fhir': {
    usage: 'import-fhir <file>…                  FHIR R4 resources, one on a line (-: standard input)',
    run: async (args) => (await import('./import-fhir.ts')).importFhir(args),
  },
  upgrade: {
    usage: 'upgrade                              look, back up, migrate, look again',
    run: async (args) => (await import('./upgrade.ts')).upgrade(args),
  },
  doctor: {
    usage: 'doctor                               what is wrong here, and what to do about it',
    run: async (args) => (await import('./doctor.ts')).doctor(args),
  },
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

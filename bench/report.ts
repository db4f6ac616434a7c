export const say = (line: string) => process.stderr.write(`${line}\n`)
export async function report(all: object): Promise<string> {
  return JSON.stringify(all, null, 1)
}

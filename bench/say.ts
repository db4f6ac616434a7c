/** To whoever waits for the figures. */
export const say = (line: string) => process.stderr.write(`${line}\n`)

// A file of tests tells the runner its verdicts through a pipe. `--test-force-exit` ends it with whatever is not written by then, without a word: some 150
// of 4,450 tests were not counted (github.com/nodejs/node/issues/64833). A pipe that blocks is written at once.
const { _handle: pipe } = process.stdout as { _handle?: { setBlocking?(blocking: boolean): number } }
pipe?.setBlocking?.(true)

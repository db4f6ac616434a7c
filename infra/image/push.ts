import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { deliver, OUTPUT, store } from './copy.ts'

// `make push`: the image that `make image` has built, to REGISTRY/openhcs, by the version's tag. What is released is named by its digest, which is the one that
// was built twice. It stays in coverage/image/layout too, for the registry of the next environment (copy.ts).

mkdirSync(OUTPUT, { recursive: true })
deliver(store('openhcs', join(OUTPUT, 'layout')))

// A guard's feed with a state file and a busy authority, for a test that ends it at any moment. Says each position that it could have
// decided by.

import { setImmediate } from 'node:timers/promises'
import { createFeedClient, formatPosition } from '../../src/index.ts'
import { createTestAuthority, URL_OF_AUTHORITY } from '../authority-server.ts'
import { AUDIENCE, bundleKeys, NOON } from '../fixture.ts'

const [file = ''] = process.argv.slice(2)
const began = performance.now()
const now = (): number => NOON + (performance.now() - began) / 1000
const server = createTestAuthority(now)
await server.publish()
const client = createFeedClient({
  authority: URL_OF_AUTHORITY,
  credentials: () => Promise.resolve('guard-token'),
  audience: AUDIENCE,
  bundleKeys,
  fetch: server.fetch,
  now,
  state: { file, client: 'documents' },
  tightestBoundSeconds: 0.1,
})
await client.start()
for (let index = 0; ; index += 1) {
  // now and then something that a line cannot say
  if (index % 500 === 499) server.endStreams()
  // the disk gets its turn
  if (index % 10 === 9) await setImmediate()
  const { at } = server.revoke({ kind: 'session', sid: `s${index}` })
  if (await client.waitFor(at, 1000)) process.stdout.write(`${formatPosition(client.state().position)}\n`)
}

// An authority in a process of its own, on a clock that can be moved. It is told its options, and says its port.

import { createAuthority, createSilentLog, type AuthorityOptions } from '@cardea/authority'

let offsetSeconds = 0

process.on('message', (message: { readonly options?: AuthorityOptions; readonly offsetSeconds?: number }) => {
  offsetSeconds = message.offsetSeconds ?? offsetSeconds
  if (message.options === undefined) return
  start(message.options).catch((error: unknown) => {
    process.stderr.write(`authority: ${String(error)}\n`)
    process.exit(1)
  })
})
process.on('disconnect', () => process.exit(0))

async function start(options: AuthorityOptions): Promise<void> {
  const authority = await createAuthority({
    ...options,
    now: () => Math.floor(Date.now() / 1000) + offsetSeconds,
    log: createSilentLog(),
  })
  const { url } = await authority.listen({ port: 0 })
  process.send?.({ port: Number(new URL(url).port), bundleKeys: authority.bundleKeys() })
}

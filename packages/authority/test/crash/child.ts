// An authority in a process of its own that can be killed. Its options come as JSON in the last argument; it prints its address.

import { createAuthority, createSilentLog, type AuthorityOptions } from '../../src/index.ts'

const options = JSON.parse(process.argv.at(-1) ?? '{}') as AuthorityOptions
const authority = await createAuthority({ ...options, log: createSilentLog() })
const { url } = await authority.listen({ port: 0 })
process.stdout.write(`${url}\n`)

// The authority, in a process of its own, on SQLite in a temporary file or on a PostgreSQL database.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAuthority } from '@cardea/authority'
import type { JsonWebKeySet } from '@cardea/token'
import { answerQuestions, childArgument, coreNanoseconds } from '../process.ts'
import { createWorld, type WorldSize } from './world.ts'

export interface ServeOurs extends WorldSize {
  readonly keys: JsonWebKeySet
  /** The address of an empty PostgreSQL database; a SQLite file of its own without it. */
  readonly database: string | undefined
}

const { keys, database, ...size } = childArgument() as ServeOurs
const folder = await mkdtemp(join(tmpdir(), 'cardea-authority-'))
const world = createWorld(database ?? join(folder, 'authority.sqlite'), size, keys)
const authority = await createAuthority(world.options)
await authority.service.publish(world.publication)
for (const grant of world.grants) await authority.service.grant(grant)
const { url } = await authority.listen({ port: 0 })

answerQuestions(
  {
    started: () => ({ url, bundleKeys: authority.bundleKeys() }),
    core: () => coreNanoseconds(),
    memory: () => {
      globalThis.gc?.()
      globalThis.gc?.()
      return process.memoryUsage()
    },
  },
  async () => {
    await authority.close()
    await rm(folder, { recursive: true })
  },
)

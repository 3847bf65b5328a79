// The authority, in a process of its own, on SQLite in a temporary file or on a PostgreSQL database.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Authority, createAuthority } from '@cardea/authority'
import type { JsonWebKeySet } from '@cardea/token'
import { answerQuestions, childArgument, coreNanoseconds } from '../process.ts'
import { createWorld, type WorldSize } from './world.ts'

export interface ServeOurs extends WorldSize {
  readonly keys: JsonWebKeySet
  /** The address of an empty PostgreSQL database; a SQLite file of its own without it. */
  readonly database: string | undefined
}

/** What `started` answers. */
export interface Started {
  readonly url: string
  readonly bundleKeys: JsonWebKeySet
}

/** Grants that are made at a time: they share a commit. */
const GRANTED_TOGETHER = 100

const { keys, database, ...size } = childArgument() as ServeOurs
const folder = await mkdtemp(join(tmpdir(), 'cardea-authority-'))
let authority: Authority | undefined

async function start(): Promise<Started> {
  const world = createWorld(database ?? join(folder, 'authority.sqlite'), size, keys)
  authority = await createAuthority(world.options)
  const { service } = authority
  await service.publish(world.publication)
  for (let made = 0; made < world.grants.length; made += GRANTED_TOGETHER) {
    await Promise.all(world.grants.slice(made, made + GRANTED_TOGETHER).map((grant) => service.grant(grant)))
  }
  const { url } = await authority.listen({ port: 0 })
  return { url, bundleKeys: authority.bundleKeys() }
}

const started = start()
// whoever asks hears why it did not start
started.catch(() => {})

answerQuestions(
  {
    started: () => started,
    core: () => coreNanoseconds(),
    memory: () => {
      globalThis.gc?.()
      globalThis.gc?.()
      return process.memoryUsage()
    },
  },
  async () => {
    await authority?.close()
    await rm(folder, { recursive: true })
  },
)

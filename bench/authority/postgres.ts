// The PostgreSQL server of a run: one of its own, as tests have it, or the database that was given. Its processes are not the
// authority's, so what they have of a core is counted here: on Linux, and only of a server of its own.

import { readdir, readFile } from 'node:fs/promises'
import { startPostgres } from '../../tools/postgres.ts'

export interface Database {
  /** A secret: it holds a password. */
  readonly url: string
  /** Nanoseconds that its processes have had of a core; `undefined` where nobody can tell. */
  core(): Promise<number | undefined>
  close(): Promise<void>
}

/** With the settings of production: what is acknowledged is on the disk. Throws when the server does not start. */
export async function openDatabase(given: string | undefined): Promise<Database> {
  if (given !== undefined) return { url: given, core: () => Promise.resolve(undefined), close: () => Promise.resolve() }
  const server = await startPostgres()
  try {
    const [url, pid] = [await server.newDatabase(), await server.pid()]
    return { url, core: () => coreOfFamily(pid), close: () => server.remove() }
  } catch (error) {
    await server.remove()
    throw error
  }
}

/** In which `/proc` counts, on every Linux. */
const NANOSECONDS_A_TICK = 1e7

/** Of a process and its children, also of those that have ended. */
async function coreOfFamily(pid: number): Promise<number | undefined> {
  if (process.platform !== 'linux') return undefined
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const all = await Promise.all(ids.map(readTimes))
  const family = all.flatMap((times) => {
    if (times?.id === pid) return [times.own + times.ofEnded]
    return times?.parent === pid ? [times.own] : []
  })
  return family.reduce((sum, ticks) => sum + ticks, 0) * NANOSECONDS_A_TICK
}

interface Times {
  readonly id: number
  readonly parent: number
  /** In ticks. */
  readonly own: number
  readonly ofEnded: number
}

/** proc(5): what follows the name, which may hold anything, begins with the third field. `undefined`: it ended meanwhile. */
async function readTimes(id: string): Promise<Times | undefined> {
  const text = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => '')
  if (text === '') return undefined
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const [, parent = 0] = fields
  const [user = 0, system = 0, userOfEnded = 0, systemOfEnded = 0] = fields.slice(11)
  return { id: Number(id), parent, own: user + system, ofEnded: userOfEnded + systemOfEnded }
}

// What can go wrong, one fault at a time or several: each begins, lasts a while and ends.

import { setTimeout as wait } from 'node:timers/promises'
import type { Random } from '../fuzz/random.ts'
import type { Cluster, Member } from './cluster.ts'

interface Fault {
  readonly name: string
  readonly begin: () => Promise<void> | void
  readonly end: () => Promise<void> | void
}

const BETWEEN = { least: 300, most: 2500 } as const
const LASTING = { least: 300, most: 6000 } as const

/** Breaks things until it is told to stop; answers how often each was broken, when everything is whole again. */
export async function breakThings(
  cluster: Cluster,
  random: Random,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>()
  const active = new Set<object>()
  const lasting: Promise<void>[] = []
  while (!signal.aborted) {
    await wait(random.between(BETWEEN.least, BETWEEN.most))
    const { target, fault } = pick(cluster, random)
    if (signal.aborted || active.has(target)) continue
    active.add(target)
    counts.set(fault.name, (counts.get(fault.name) ?? 0) + 1)
    const milliseconds = random.between(LASTING.least, LASTING.most)
    const last = async (): Promise<void> => {
      await fault.begin()
      await wait(milliseconds)
      await fault.end()
      active.delete(target)
    }
    lasting.push(last())
  }
  await Promise.all(lasting)
  return counts
}

function pick(cluster: Cluster, random: Random): { readonly target: object; readonly fault: Fault } {
  switch (random.below(8)) {
    case 0: {
      const target = random.pick(cluster.authorities)
      return { target, fault: { name: 'kill -9 of an authority', begin: () => target.kill(), end: () => {} } }
    }
    case 1:
      return { target: cluster.postgres, fault: killPostgres(cluster) }
    case 2: {
      const target = random.pick([...cluster.authorities, ...cluster.guardProcesses])
      return { target, fault: { name: 'a paused process', begin: () => target.pause(), end: () => target.resume() } }
    }
    case 3: {
      const target = random.pick(cluster.guardProcesses)
      return { target, fault: clock(target, random.between(20, 300) * random.pick([-1, 1])) }
    }
    case 4: {
      // a guard never takes back a time that it has heard from an authority, so one that is minutes ahead would deny for minutes after
      const target = random.pick(cluster.authorities)
      return {
        target,
        fault: clock(target, random.pick([-1, 1]) === 1 ? random.between(1, 5) : -random.between(20, 300)),
      }
    }
    case 5:
      return { target: cluster.postgres, fault: refuseWrites(cluster) }
    default: {
      const target = random.pick(cluster.networks)
      const weather = random.pick(['cut', 'slow', 'buffering'] as const)
      const fault = { begin: () => target.set(weather), end: () => target.set('fine') }
      return { target, fault: { name: `a network that is ${weather}`, ...fault } }
    }
  }
}

function clock(target: Member, offset: number): Fault {
  return {
    name: `a clock moved ${offset > 0 ? 'forward' : 'back'}`,
    begin: () => target.setClock(offset),
    end: () => target.setClock(0),
  }
}

function killPostgres(cluster: Cluster): Fault {
  return {
    name: 'kill -9 of PostgreSQL',
    begin: async () => void process.kill(await cluster.postgres.pid(), 'SIGKILL'),
    end: () => cluster.restorePostgres(),
  }
}

/** As a full disk does, as seen from a database: what is read still works. */
function refuseWrites(cluster: Cluster): Fault {
  const set = (value: 'on' | 'off'): Promise<void> =>
    cluster.postgres.run(`ALTER SYSTEM SET default_transaction_read_only = ${value}`, 'SELECT pg_reload_conf()')
  return { name: 'a disk that refuses writes', begin: () => set('on'), end: () => set('off') }
}

// The machinery that is broken on purpose: a PostgreSQL, three authorities behind networks, and guards in several processes. What ends is
// started again, as a supervisor would.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { JsonWebKeySet } from '@cardea/token'
import { type PostgresServer, startPostgres } from '../../tools/postgres.ts'
import type { GuardAnswer, GuardQuestion } from './guard-process.ts'
import { createProxy, type Proxy } from './proxy.ts'
import { authorityOptions } from './setting.ts'

export interface Cluster {
  readonly postgres: PostgresServer
  /** Starts PostgreSQL again after a kill. */
  restorePostgres(): Promise<void>
  readonly networks: readonly Proxy[]
  readonly authorities: readonly Member[]
  readonly guardProcesses: readonly Member[]
  /** Once there is a policy to guard by. */
  startGuards(): Promise<void>
  /** Of a guard by its number over all processes. Undefined when no answer comes in time. */
  ask(guard: number, token: string, document: string): Promise<GuardAnswer | undefined>
  readonly guards: number
  close(): Promise<void>
}

/** A process that can be killed, paused and told a time. */
export interface Member {
  kill(): void
  pause(): void
  resume(): void
  setClock(offsetSeconds: number): void
}

const AUTHORITIES = 3
const GUARD_PROCESSES = 5
const ANSWER_MILLISECONDS = 15_000

export async function startCluster(providerKeys: JsonWebKeySet, guards: number): Promise<Cluster> {
  const each = Math.ceil(guards / GUARD_PROCESSES)
  const postgres = await startPostgres()
  const options = authorityOptions(await postgres.newDatabase(), providerKeys)
  let closing = false
  let bundleKeys: JsonWebKeySet | undefined

  async function startAuthority(network: Proxy): Promise<Supervised> {
    const supervised = supervise(
      'authority-process.ts',
      () => closing,
      (child) => {
        child.on('message', (message: { readonly port: number; readonly bundleKeys: JsonWebKeySet }) => {
          bundleKeys = message.bundleKeys
          network.lead(message.port)
          supervised.isReady()
        })
        child.send({ options })
      },
    )
    await supervised.ready
    return supervised
  }

  const networks: Proxy[] = []
  const authorities: Supervised[] = []
  for (let at = 0; at < AUTHORITIES; at += 1) {
    const network = await createProxy()
    networks.push(network)
    authorities.push(await startAuthority(network))
  }

  const waiting = new Map<number, (answer: GuardAnswer | undefined) => void>()
  const guardProcesses: Supervised[] = []
  let last = 0
  return {
    postgres,
    networks,
    authorities,
    guardProcesses,
    guards: each * GUARD_PROCESSES,
    async startGuards() {
      const addresses = networks.map(({ url }) => url)
      for (let at = 0; at < GUARD_PROCESSES; at += 1) {
        const supervised = supervise(
          'guard-process.ts',
          () => closing,
          (child) => {
            child.on('message', (message: GuardAnswer | { readonly ready: number }) => {
              if ('ready' in message) supervised.isReady()
              else waiting.get(message.id)?.(message)
            })
            child.send({ setup: { guards: each, authorities: addresses, bundleKeys } })
          },
        )
        guardProcesses.push(supervised)
      }
      await Promise.all(guardProcesses.map(({ ready }) => ready))
    },
    async restorePostgres() {
      for (let attempt = 0; ; attempt += 1) {
        try {
          return await postgres.start()
        } catch (error) {
          // processes of the one that was killed hold its memory for a moment
          if (attempt === 40) throw error
          await wait(250)
        }
      }
    },
    ask(guard, token, document) {
      const id = ++last
      const { promise, resolve } = Promise.withResolvers<GuardAnswer | undefined>()
      const timer = setTimeout(() => resolve(undefined), ANSWER_MILLISECONDS)
      waiting.set(id, resolve)
      const child = guardProcesses[guard % GUARD_PROCESSES]
      child?.send({ id, guard: Math.floor(guard / GUARD_PROCESSES), token, document })
      return promise.finally(() => {
        clearTimeout(timer)
        waiting.delete(id)
      })
    },
    async close() {
      closing = true
      await Promise.all([...authorities, ...guardProcesses].map((member) => member.end()))
      for (const network of networks) await network.close()
      await postgres.remove()
    },
  }
}

interface Supervised extends Member {
  readonly ready: Promise<void>
  isReady(): void
  send(question: GuardQuestion): void
  end(): Promise<void>
}

const RESTART_MILLISECONDS = 500

function supervise(file: string, isClosing: () => boolean, begin: (child: ChildProcess) => void): Supervised {
  const { promise: ready, resolve: isReady } = Promise.withResolvers<void>()
  let child: ChildProcess
  const start = (): void => {
    child = fork(join(import.meta.dirname, file), {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    child.on('error', () => {})
    child.on('exit', () => {
      if (!isClosing()) setTimeout(start, RESTART_MILLISECONDS)
    })
    // `begin` may use what this function returns
    queueMicrotask(() => begin(child))
  }
  start()
  const send = (message: object): void => {
    if (child.connected) child.send(message, () => {})
  }
  return {
    ready,
    isReady,
    send,
    kill: () => void child.kill('SIGKILL'),
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    setClock: (offsetSeconds) => send({ offsetSeconds }),
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

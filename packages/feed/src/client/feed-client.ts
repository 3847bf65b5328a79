// The client that follows the authority and knows how fresh it is: a snapshot, then events, and probes that prove how
// much of them has arrived. It holds the state; deciding what is too old for which action is the guard's.
//
//   follow:  snapshot -> bundle -> events ... gap, epoch, end -> snapshot or reconnect
//   probe:   ask for the head -> fresh as of the question, once that head is applied

import { randomUUID } from 'node:crypto'
import type { Evaluator } from '@cardea/policy'
import type { KeySource, SignatureAlgorithm } from '@cardea/token'
import { systemMonotonic, systemNow } from '../clock.ts'
import { openBundle } from '../bundle/open-bundle.ts'
import { FeedError } from '../errors.ts'
import type { Position } from '../position.ts'
import { beginSaved, type Beginning } from '../saved/begin-saved.ts'
import { createKeptReplica } from '../saved/kept-replica.ts'
import { createStateFile } from '../saved/state-file.ts'
import { createSteadyClock } from '../steady-clock.ts'
import type { Applied } from '../wire/applied.ts'
import { type Credentials, createAuthority } from '../wire/authority.ts'
import { createBundleLoader } from './bundle-loader.ts'
import type { FeedChange, FeedState } from './feed-state.ts'
import { createFollower } from './follower.ts'
import { createProber } from './prober.ts'
import { createReplica, type Question, type Replica } from './replica.ts'
import { createWaiters } from './waiters.ts'

export interface FeedClientOptions {
  /** The issuer's URL. https, or http on the same machine. */
  readonly authority: string
  /** A bearer token of the enrolled guard, for the authority as audience. Asked for before every request. */
  readonly credentials: Credentials
  /** Whose policies and tokens: one client follows one audience. */
  readonly audience: string
  /** The pinned keys that bundles are signed with; not those of tokens. */
  readonly bundleKeys: KeySource
  /** What bundles may be signed with. Default `['ES256']`. */
  readonly algorithms?: readonly SignatureAlgorithm[]
  /** How the conditions of bundles are compiled; closures by default, as in `compileProgram`. */
  readonly evaluator?: Evaluator
  readonly fetch?: typeof globalThis.fetch
  /** Unix seconds. */
  readonly now?: () => number
  /** Seconds that only count up. */
  readonly monotonic?: () => number
  /** From 0 to 1, for spreading retries. */
  readonly random?: () => number
  /** The tightest bound of any action; probes and retries keep well within it. Default 5. */
  readonly tightestBoundSeconds?: number
  /** For one answer. Default 5000. */
  readonly requestTimeoutMilliseconds?: number
  /** For the first state. Default 15 000. */
  readonly startTimeoutMilliseconds?: number
  /** The highest revision that this guard has seen before it was started. Default 0. */
  readonly minimumRevision?: number
  /**
   * Where the state is kept over a restart, and as whose: the guard's enrolled client. Owner-only, one process a file. Default: nowhere.
   * With a state to begin with, `start` resolves as soon as the authority turns out not to answer, 2 s at most.
   */
  readonly state?: { readonly file: string; readonly client: string }
  /** Names this start in `cardea fleet`; 1 to 64 of `A-Z a-z 0-9 . _ -`. Default a random UUID. */
  readonly start?: string
  /** The first subscriber. */
  readonly onChange?: (change: FeedChange) => void
  readonly log?: (entry: FeedLogEntry) => void
}

export interface FeedLogEntry {
  readonly level: 'info' | 'warn' | 'error'
  readonly message: string
  /** A `FeedErrorCode`, where there is an error of ours. */
  readonly code?: string
  readonly cause?: unknown
}

export interface FeedClient {
  /**
   * Resolves when snapshot, bundle and tail are applied and proven. Throws `ERR_FEED_URL`, or `ERR_FEED_START` with the last
   * failure as its cause; then the client is closed.
   */
  start(): Promise<void>
  /** The last whole state. Throws `ERR_FEED_START` before there is one. */
  state(): FeedState
  /** How long ago this was provably the authority's state. `Infinity`: not whole, expired, or closed. */
  ageSeconds(): number
  /** The time to judge tokens by: never behind what was heard from the authority. Unix seconds. */
  now(): number
  /** Whether the position is reached, now or within the time. It asks the authority at once rather than wait for news. */
  waitFor(position: Position, timeoutMilliseconds: number): Promise<boolean>
  /** Hears every change after it was applied; must not throw. Returns the way to stop. */
  subscribe(listener: (change: FeedChange) => void): () => void
  close(): Promise<void>
}

/** How long a start that has a saved state waits for the authority. */
const PATIENCE_MILLISECONDS = 2000

/** Throws `ERR_FEED_URL`. Nothing is fetched before `start`. */
export function createFeedClient(options: FeedClientOptions): FeedClient {
  const { audience, log = () => {}, random = Math.random, fetch = globalThis.fetch } = options
  const { now = systemNow, monotonic = systemMonotonic, tightestBoundSeconds = 5 } = options
  if (!(tightestBoundSeconds > 0)) throw new TypeError('`tightestBoundSeconds` must be more than zero')
  const listeners = new Set<(change: FeedChange) => void>()
  if (options.onChange !== undefined) listeners.add(options.onChange)
  const closing = new AbortController()
  const { signal } = closing
  const clock = createSteadyClock({ now, monotonic })
  const started = Promise.withResolvers<void>()
  started.promise.catch(() => undefined)
  let lastFailure: unknown
  let tail: Question | undefined

  let saved: Beginning | undefined

  const report = (message: string, cause: unknown): void => {
    lastFailure = cause
    const code = cause instanceof FeedError ? { code: cause.code } : {}
    log({ level: 'warn', message, ...code, cause })
    beginWithSaved()
  }
  const copy = createReplica(
    clock,
    (change) => {
      if (change.kind === 'snapshot' || change.kind === 'stale') loader.wake()
      for (const listener of listeners) listener(change)
      advance()
    },
    () => report('the audit of the authority was cut or changed', new FeedError('ERR_FEED_AUDIT_CONTRADICTED')),
  )
  const owner = { authority: options.authority, audience, client: options.state?.client ?? '' }
  const kept = createKeptReplica({ replica: copy, owner, clock, report })
  const replica: Replica = options.state === undefined ? copy : kept
  const waiters = createWaiters((position) => replica.hasReached(position))
  const authority = createAuthority({
    url: options.authority,
    credentials: options.credentials,
    fetch,
    timeoutMilliseconds: options.requestTimeoutMilliseconds ?? 5000,
    probeTimeoutMilliseconds: (tightestBoundSeconds * 1000) / 3,
  })
  const { start = randomUUID() } = options
  const startedAtSeconds = clock.now()
  const setting = {
    authority,
    audience,
    replica,
    applied: () => appliedBy(replica, start, startedAtSeconds),
    clock,
    signal,
    report,
    backoff: { maxMilliseconds: (tightestBoundSeconds * 1000) / 3, random },
  }
  const trust = {
    keys: options.bundleKeys,
    now: () => clock.now(),
    minimumRevision: () => Math.max(options.minimumRevision ?? 0, saved?.revision ?? 0),
    ...(options.algorithms === undefined ? {} : { algorithms: options.algorithms }),
    ...(options.evaluator === undefined ? {} : { evaluator: options.evaluator }),
  }
  const loader = createBundleLoader(setting, trust)
  const follower = createFollower(setting, () => {
    tail = replica.ask()
    prober.probe()
  })
  const prober = createProber(setting, {
    intervalMilliseconds: (tightestBoundSeconds * 1000) / 4,
    isAwaited: () => waiters.size > 0,
    onProven: advance,
    onMissed: () => follower.restart(),
  })

  /** Something was applied: perhaps what somebody waits for. */
  function advance(): void {
    waiters.check()
    if (isFollowing()) started.resolve()
  }

  /** The tail counts as applied when a question that was asked after it was opened has been answered. */
  function isFollowing(): boolean {
    if (tail === undefined || replica.ageSeconds() === Number.POSITIVE_INFINITY) return false
    return (replica.proven?.number ?? 0) > tail.number
  }

  /** Reads what an earlier start has kept, and keeps on. */
  async function takeUp(path: string): Promise<void> {
    saved = await beginSaved({
      path,
      owner,
      replica: copy,
      clock,
      open: (signed) => openBundle(signed, { ...trust, audience, minimumRevision: trust.minimumRevision() }),
      refuse: (cause) => log({ level: 'warn', message: 'the saved state is not begun with', code: cause.code, cause }),
    })
    if (saved.isForbidden) return
    try {
      kept.keep(createStateFile(path, saved.begun?.sizeBytes ?? 0), saved.begun)
    } catch (cause) {
      report('the state is not kept', new FeedError('ERR_FEED_STATE_FILE', undefined, { cause }))
    }
  }

  /** The authority does not answer, or not soon: what was saved is as good as what a running guard would have. */
  function beginWithSaved(): void {
    if (saved?.ageSeconds !== undefined) started.resolve()
  }

  async function close(): Promise<void> {
    closing.abort(new FeedError('ERR_FEED_CLOSED'))
    started.reject(new FeedError('ERR_FEED_CLOSED'))
    waiters.close()
    await Promise.all([follower.done(), prober.done(), loader.done()])
    await kept.close()
  }

  return {
    async start() {
      if (options.state !== undefined) await takeUp(options.state.file)
      follower.start()
      prober.start()
      const milliseconds = options.startTimeoutMilliseconds ?? 15_000
      const timer = setTimeout(() => started.reject(startError(lastFailure, replica.position)), milliseconds)
      const patience = setTimeout(beginWithSaved, PATIENCE_MILLISECONDS)
      try {
        await started.promise
        await kept.written()
        if (isFollowing()) log({ level: 'info', message: 'the feed is followed' })
        else log({ level: 'warn', message: 'begun with the saved state: the authority has not answered' })
      } catch (error) {
        await close()
        throw error
      } finally {
        clearTimeout(timer)
        clearTimeout(patience)
      }
    },
    state: () => replica.state(),
    ageSeconds: () => (signal.aborted ? Number.POSITIVE_INFINITY : replica.ageSeconds()),
    now: () => clock.now(),
    waitFor(position, timeoutMilliseconds) {
      if (replica.hasReached(position)) return Promise.resolve(true)
      if (signal.aborted) return Promise.resolve(false)
      const reached = waiters.wait(position, timeoutMilliseconds)
      prober.probe()
      return reached
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close,
  }
}

function appliedBy(replica: Replica, start: string, startedAtSeconds: number): Applied {
  const ageSeconds = replica.ageSeconds()
  return {
    start,
    startedAtSeconds,
    position: replica.position,
    revision: replica.bundle?.content.revision,
    ageSeconds: Number.isFinite(ageSeconds) ? ageSeconds : undefined,
    checkpoint: replica.checkpoint,
  }
}

function startError(cause: unknown, position: Position | undefined): FeedError {
  const hint = position === undefined ? undefined : 'the authority answers; was a policy published for this audience?'
  return new FeedError('ERR_FEED_START', undefined, hint === undefined ? { cause } : { cause, hint })
}

// The guard's copy of the authority's state, without any I/O: what each message does to it, and when it counts as fresh.
// INVARIANT: within an epoch the position never goes back, and an epoch that was left is never entered again.
// INVARIANT: fresh as of the moment a probe was sent, once everything up to the head that it found has been applied. A
// bundle that was announced and is not applied yet makes the copy stale, whatever was proven.

import type { JsonWebKeySet } from '@cardea/token'
import type { AuditHead } from '../audit/audit-entry.ts'
import type { BundleAddress, OpenBundle } from '../bundle/bundle.ts'
import { FeedError } from '../errors.ts'
import type { Position } from '../position.ts'
import type { Revocation } from '../revocation/revocation.ts'
import { createRevocations, type Revocations } from '../revocation/revocations.ts'
import { createSubjectNames } from '../revocation/subject-names.ts'
import type { Moment, SteadyClock } from '../steady-clock.ts'
import type { FeedView } from '../wire/feed-view.ts'
import type { FeedEvent, Head, Snapshot } from '../wire/messages.ts'
import type { FeedChange, FeedState } from './feed-state.ts'

export interface Replica {
  /** `undefined` until the first snapshot. */
  readonly position: Position | undefined
  /** What is seen of the log; `undefined` until the first snapshot. */
  readonly view: FeedView | undefined
  /** The bundle that was announced and is not applied. */
  readonly wanted: BundleAddress | undefined
  readonly bundle: OpenBundle | undefined
  /** The newest of the audit that was heard of in this epoch. */
  readonly checkpoint: AuditHead | undefined
  /** Epochs that are never entered again. */
  readonly left: ReadonlySet<string>
  readonly keys: JsonWebKeySet
  readonly revocations: Revocations
  /** The latest question that was answered, and whose answer is applied. */
  readonly proven: Question | undefined
  /** Throws `ERR_FEED_START` before the first state is whole. */
  state(): FeedState
  /** Seconds since the copy was provably the authority's state; `Infinity` while it is not whole. */
  ageSeconds(): number
  /** A moment before a question is sent. */
  ask(): Question
  /** Throws `ERR_FEED_ROLLBACK`, and `ERR_FEED_VIEW` when it cannot be joined to what is known. */
  applySnapshot(snapshot: Snapshot, question: Question): void
  /** `gap`: something is missing, or of another epoch; a snapshot is needed. */
  applyEvent(event: FeedEvent): 'applied' | 'known' | 'gap'
  /** `behind`: not everything up to this head was heard yet. `gap`: also for a head of another view. Throws `ERR_FEED_ROLLBACK`. */
  applyHead(head: Head, question: Question): 'proven' | 'behind' | 'gap'
  /** `signed`: its text, for who keeps it. */
  applyBundle(bundle: OpenBundle, signed: string): void
  /** Begins where an earlier start of the guard had come to, before anything else is applied. */
  resume(saved: Resumed): void
  /** Whether a proof waits for events that have not come. */
  readonly isBehind: boolean
  hasReached(position: Position): boolean
}

export interface Resumed {
  readonly position: Position
  readonly view: FeedView
  readonly left: readonly string[]
  readonly keys: JsonWebKeySet
  readonly revocations: readonly Revocation[]
  readonly checkpoint: AuditHead | undefined
  readonly bundle: OpenBundle | undefined
  /** When all of it was proven; `undefined`: it is not whole or that is not known, and only what takes away counts of it. */
  readonly proven: Moment | undefined
}

/** When a question was sent, and what was known then: answers overtake each other. */
export interface Question {
  /** Questions are numbered in the order of their sending. */
  readonly number: number
  readonly moment: Moment
  readonly seconds: number
  readonly position: Position | undefined
}

/** Proofs that may wait for events at one time; a newer one beyond that is not needed to become fresh. */
const MAX_WAITING_PROOFS = 16

interface Proof {
  readonly question: Question
  readonly position: Position
  /** Everything up to here must be applied. */
  readonly prev: number
}

/** `contradicted` hears of a checkpoint that cannot be true if the one before it was. */
export function createReplica(
  clock: SteadyClock,
  notify: (change: FeedChange) => void,
  contradicted: () => void = () => {},
): Replica {
  const names = createSubjectNames(() => view?.subjectKey ?? '')
  const revocations: Revocations = createRevocations({ now: () => clock.now(), names })
  const left = new Set<string>()
  let position: Position | undefined
  let view: FeedView | undefined
  /** What an earlier start had come to, without all that it knew: the first snapshot must not be from before it. */
  let floor: Position | undefined
  let bundle: OpenBundle | undefined
  let checkpoint: AuditHead | undefined
  let wanted: BundleAddress | undefined
  let keys: JsonWebKeySet = { keys: [] }
  let proven: Question | undefined
  let waiting: Proof[] = []
  let cached: FeedState | undefined
  let questions = 0

  /** Takes the best proof for which everything was applied. */
  function settle(): void {
    cached = undefined
    if (position === undefined) return
    const { epoch, seq } = position
    const settled = waiting.filter((proof) => proof.position.epoch === epoch && proof.prev <= seq)
    waiting = waiting.filter((proof) => proof.position.epoch === epoch && proof.prev > seq)
    for (const { question, position: head } of settled) {
      // nothing in this guard's view lies between what was applied and the head
      if (head.seq > position.seq) position = head
      if (proven === undefined || question.number > proven.number) proven = question
    }
  }

  /**
   * Entries are found by the names that they were heard under, so these stay for an epoch. And what a wider view has from before this
   * position, but after the snapshot, would be missed: then another snapshot is taken.
   */
  function refuseOtherView(snapshot: Snapshot): void {
    const known = position ?? floor
    if (view === undefined || known?.epoch !== snapshot.position.epoch) return
    if (view.subjectKey !== snapshot.view.subjectKey) throw new FeedError('ERR_FEED_VIEW')
    if (view.id !== snapshot.view.id && snapshot.position.seq < known.seq) throw new FeedError('ERR_FEED_VIEW')
  }

  function want(address: BundleAddress | undefined): void {
    wanted = address?.digest === bundle?.address ? undefined : address
  }

  /** Records are only ever added: of two checkpoints the one with more stays, and what does not fit it is told. */
  function rememberCheckpoint(heard: AuditHead): void {
    const known = checkpoint
    if (known === undefined || heard.count > known.count) checkpoint = heard
    else if (heard.count < known.count || heard.hash !== known.hash) contradicted()
  }

  const isWhole = (): boolean => bundle !== undefined && wanted === undefined && proven !== undefined

  return {
    left,
    revocations,
    get position() {
      return position
    },
    get view() {
      return view
    },
    get wanted() {
      return wanted
    },
    get bundle() {
      return bundle
    },
    get checkpoint() {
      return checkpoint
    },
    get keys() {
      return keys
    },
    get proven() {
      return proven
    },
    get isBehind() {
      return waiting.length > 0
    },
    state() {
      if (position === undefined || bundle === undefined || proven === undefined) {
        throw new FeedError('ERR_FEED_START', 'the first state has not come yet')
      }
      const { tenants } = view ?? {}
      const freshAsOfSeconds = proven.seconds
      return (cached ??= Object.freeze({ position, tenants, bundle, keys, revocations, freshAsOfSeconds }))
    },
    ageSeconds() {
      if (!isWhole() || bundle === undefined || proven === undefined) return Number.POSITIVE_INFINITY
      if (!(clock.now() < bundle.content.notAfterSeconds)) return Number.POSITIVE_INFINITY
      return clock.elapsedSince(proven.moment)
    },
    ask() {
      questions += 1
      return { number: questions, moment: clock.mark(), seconds: clock.now(), position: position ?? floor }
    },
    applySnapshot(snapshot, question) {
      refuseRollback(snapshot.position, question, left)
      refuseOtherView(snapshot)
      clock.hear(snapshot.now, question.moment)
      if (floor !== undefined && floor.epoch !== snapshot.position.epoch) left.add(floor.epoch)
      floor = undefined
      if (position !== undefined && position.epoch !== snapshot.position.epoch) {
        left.add(position.epoch)
        position = undefined
        checkpoint = undefined
        proven = undefined
        waiting = []
      }
      // what was found of another view says nothing of this one
      if (view?.id !== snapshot.view.id) waiting = []
      view = snapshot.view
      // entries only ever take away, so those that were known before may stay until they expire
      for (const revocation of snapshot.revocations) revocations.add(revocation)
      revocations.prune()
      // events may have come while it was on its way: then its keys are older than those that are known
      if (position === undefined || snapshot.position.seq >= position.seq) {
        keys = snapshot.jwks
        position = snapshot.position
        if (snapshot.checkpoint !== undefined) rememberCheckpoint(snapshot.checkpoint)
      }
      want(snapshot.bundle)
      waiting.push({ question, position: snapshot.position, prev: snapshot.position.seq })
      settle()
      notify({ kind: 'snapshot' })
    },
    applyEvent(event) {
      // an entry is safe to believe in any order and any number of times
      if (event.kind === 'revocation') {
        revocations.add(event.revocation)
        cached = undefined
        notify({ kind: 'revocation', revocation: event.revocation })
      }
      if (position === undefined || event.position.epoch !== position.epoch) return 'gap'
      if (event.position.seq <= position.seq) return 'known'
      if (event.kind === 'unknown' || (event.prev !== undefined && event.prev > position.seq)) return 'gap'
      position = event.position
      if (event.kind === 'keys') keys = event.jwks
      if (event.kind === 'bundle') want(event.bundle)
      if (event.kind === 'checkpoint') rememberCheckpoint(event.checkpoint)
      settle()
      if (event.kind === 'keys') notify({ kind: 'keys' })
      if (event.kind === 'bundle' && wanted !== undefined) notify({ kind: 'stale' })
      return 'applied'
    },
    applyHead(head, question) {
      refuseRollback(head.position, question, left)
      clock.hear(head.now, question.moment)
      if (position?.epoch !== head.position.epoch || head.view !== view?.id) return 'gap'
      if (waiting.length < MAX_WAITING_PROOFS) waiting.push({ question, position: head.position, prev: head.prev })
      settle()
      return head.prev <= position.seq ? 'proven' : 'behind'
    },
    applyBundle(opened) {
      bundle = opened
      if (wanted?.digest === opened.address) wanted = undefined
      cached = undefined
      notify({ kind: 'bundle', bundle: opened })
    },
    resume(saved) {
      for (const epoch of saved.left) left.add(epoch)
      for (const revocation of saved.revocations) revocations.add(revocation)
      ;({ checkpoint, bundle, view } = saved)
      if (saved.proven === undefined) {
        floor = saved.position
        return
      }
      ;({ position, keys } = saved)
      const seconds = clock.now() - clock.elapsedSince(saved.proven)
      proven = { number: 0, moment: saved.proven, seconds, position }
    },
    hasReached: ({ epoch, seq }) => wanted === undefined && position?.epoch === epoch && position.seq >= seq,
  }
}

/** An answer may be older than what came meanwhile, but not older than what was known when it was asked for. */
function refuseRollback(answer: Position, { position: asked }: Question, left: ReadonlySet<string>): void {
  if (left.has(answer.epoch) || (asked?.epoch === answer.epoch && answer.seq < asked.seq)) {
    throw new FeedError('ERR_FEED_ROLLBACK')
  }
}

// One event of a decision log as a decision record. What is not a decision at all, or does not say whose, becomes a record that says so:
// an OPA sends a batch that was refused again for ever, so one bad event must not keep the others out.

import { createHash } from 'node:crypto'
import type { DecisionRecord } from '@cardea/feed'
import { factsOf, isCount, isObject } from './facts.ts'
import { membersOf, type Slice, valueAt } from './json-slices.ts'
import { parsePath } from './path.ts'
import { parseRevision } from './revision.ts'
import { safeText, safeTexts } from './safe-text.ts'
import { verdictOf } from './verdict.ts'

/** A record with what only an OPA says. */
export interface OpaRecord extends DecisionRecord {
  /** The rule that was asked: `app/allow`. */
  readonly path?: string
  /** `policy: code` of policies that could not be evaluated. */
  readonly errors?: readonly string[]
  /** The revision of each bundle that was in force. */
  readonly bundles?: Readonly<Record<string, string>>
  /** With the reason `malformed`: why. */
  readonly note?: string
}

export interface ReportedDecision {
  /** A digest of `labels.id` and `decision_id`: the same when the event is sent again, and of no other of the same sender. */
  readonly key: string
  readonly record: OpaRecord
}

const MEMBERS = [
  'labels',
  'decision_id',
  'timestamp',
  'path',
  'query',
  'result',
  'error',
  'input',
  'bundles',
  'revision',
  'erased',
] as const

const MAX_ID = 1000
const MAX_INSTANCE = 200
const MAX_BUNDLES = 16
const MAX_ERASED = 1000
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/

/** Throws nothing of the event's own. `at`: when it came in, for one that does not say when it was. */
export function readEvent(bytes: Uint8Array, event: Slice, at: string): ReportedDecision {
  const members = membersOf(bytes, event, MEMBERS)
  if (members === undefined) return malformedEvent(bytes, event, at, 'not an object, or a member stands twice')
  const labels = valueAt(bytes, members.labels)
  const instance = isObject(labels) ? instanceOf(labels['id']) : undefined
  if (instance === undefined) return malformedEvent(bytes, event, at, 'labels.id is missing or has the wrong form')
  const id = valueAt(bytes, members.decision_id)
  if (typeof id !== 'string' || id === '' || id.length > MAX_ID) {
    return malformedEvent(bytes, event, at, 'decision_id is missing or has the wrong form')
  }
  const time = valueAt(bytes, members.timestamp)
  const decidedAt = typeof time === 'string' && TIME.test(time) ? new Date(time) : undefined
  if (decidedAt === undefined || Number.isNaN(decidedAt.getTime())) {
    return malformedEvent(bytes, event, at, 'timestamp is missing or has the wrong form')
  }
  const { result, error, query, path, input } = members
  const erased = safeTexts(valueAt(bytes, members.erased), MAX_ERASED)
  const verdict = verdictOf(bytes, { result, error, query, path, erased })
  const facts = factsOf(bytes, result, input)
  const asked = parsePath(valueAt(bytes, path))
  const bundles = bundlesOf(valueAt(bytes, members.bundles), valueAt(bytes, members.revision))
  const revision = facts.revision ?? policyRevision(bundles)
  const correlation = safeText(id) ?? ''
  return {
    key: digest(JSON.stringify([instance.exact, id])),
    record: {
      ...unnumbered(correlation, instance.shown, decidedAt.toISOString()),
      ...verdict,
      ...facts,
      ...(revision === undefined ? {} : { revision }),
      ...(asked === undefined ? {} : { path: asked }),
      ...(Object.keys(bundles).length === 0 ? {} : { bundles }),
      checkpoint: facts.resource === undefined ? 'route' : 'resource',
    },
  }
}

function malformedEvent(bytes: Uint8Array, { start, end }: Slice, at: string, note: string): ReportedDecision {
  const key = digest(bytes.subarray(start, end))
  return {
    key,
    record: {
      ...unnumbered(key, 'unknown', at),
      decision: 'deny',
      reason: 'malformed',
      policies: [],
      checkpoint: 'route',
      note,
    },
  }
}

/** An OPA does not number its decisions, so `n` is 0: that one is missing is not seen by it. */
function unnumbered(
  id: string,
  start: string,
  at: string,
): Pick<OpaRecord, 'id' | 'n' | 'start' | 'service' | 'at' | 'correlation'> {
  return { id, n: 0, start, service: 'opa', at, correlation: id }
}

export interface Instance {
  readonly exact: string
  /** As it may be kept. */
  readonly shown: string
}

/** The name that an OPA gives itself at its start. */
export function instanceOf(value: unknown): Instance | undefined {
  if (typeof value !== 'string' || value === '' || value.length > MAX_INSTANCE) return undefined
  return { exact: value, shown: safeText(value) ?? '' }
}

/** By name. An OPA without named bundles says one revision. */
function bundlesOf(
  bundles: ReturnType<typeof valueAt>,
  single: ReturnType<typeof valueAt>,
): Readonly<Record<string, string>> {
  const named = isObject(bundles) ? Object.entries(bundles).slice(0, MAX_BUNDLES) : []
  const pairs = named.flatMap(([name, bundle]) => {
    const revision = isObject(bundle) ? safeText(bundle['revision']) : undefined
    return revision === undefined ? [] : [[safeText(name) ?? '', revision] as const]
  })
  const alone = safeText(single)
  return Object.fromEntries(pairs.length > 0 || alone === undefined ? pairs : [['bundle', alone]])
}

function policyRevision(bundles: Readonly<Record<string, string>>): number | undefined {
  const numbers = Object.values(bundles).flatMap((text) => {
    const revision = parseRevision(text)
    return revision?.kind === 'policy' && isCount(revision.number) ? [revision.number] : []
  })
  return numbers.length === 1 ? numbers[0] : undefined
}

function digest(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('base64url')
}

// The OPAs that were heard of within the last hour, with the last word of each. In memory: after a start of the authority each is back with
// its next report. Bounded; a client that invents instances pushes out its own.
// INVARIANT: who an OPA is comes from its token; the name of its instance is a name within that client.

import { isOlder, type OpaStatus, parseRevision, type Revision } from '@cardea/opa'

/** How long an OPA is remembered that is not heard of any more, like a guard. */
const REMEMBERED_SECONDS = 3600

export interface OpaName {
  /** The enrolled client. */
  readonly client: string
  /** Of the connection. */
  readonly address: string | undefined
}

export interface SeenOpa extends OpaName {
  readonly status: OpaStatus
  /** Unix seconds. */
  readonly seenAtSeconds: number
  /** Of bundles that are older now than they were: the newest revision that was heard of, by the name of the bundle. */
  readonly rolledBack: ReadonlyMap<string, string>
}

/** A bundle that became older. */
export interface Rollback {
  readonly bundle: string
  readonly revision: string
  readonly before: string
}

export interface OpaFleet {
  /** Answers what this report says for the first time of bundles that became older. */
  report(name: OpaName, status: OpaStatus): readonly Rollback[]
  /** By client and instance. */
  list(): readonly SeenOpa[]
}

export interface OpaFleetOptions {
  readonly now: () => number
  readonly maxOpas: number
}

interface Highest {
  readonly revision: Revision
  readonly text: string
}

interface Opa extends SeenOpa {
  readonly highest: ReadonlyMap<string, Highest>
}

export function createOpaFleet({ now, maxOpas }: OpaFleetOptions): OpaFleet {
  // in the order in which they were last heard of
  const opas = new Map<string, Opa>()

  function makeRoom(client: string): void {
    forgetOld()
    if (opas.size < maxOpas) return
    const own = [...opas].find(([, opa]) => opa.client === client)?.[0]
    const oldest = own ?? opas.keys().next().value
    if (oldest !== undefined) opas.delete(oldest)
  }

  function forgetOld(): void {
    const before = now() - REMEMBERED_SECONDS
    for (const [key, { seenAtSeconds }] of opas) if (seenAtSeconds < before) opas.delete(key)
  }

  return {
    report(name, status) {
      const key = JSON.stringify([name.client, status.instance])
      const known = opas.get(key)
      opas.delete(key)
      if (known === undefined) makeRoom(name.client)
      const highest = highestOf(status, known?.highest)
      const rollbacks = rollbacksOf(status, highest)
      const rolledBack = new Map(rollbacks.map(({ bundle, before }) => [bundle, before]))
      opas.set(key, { ...name, status, seenAtSeconds: now(), highest, rolledBack })
      return rollbacks.filter(({ bundle }) => known?.rolledBack.has(bundle) !== true)
    },
    list() {
      forgetOld()
      return [...opas].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, opa]) => opa)
    },
  }
}

/** Of each bundle that is reported. One of another kind or epoch has nothing before it. */
function highestOf({ bundles }: OpaStatus, before: Opa['highest'] = new Map()): ReadonlyMap<string, Highest> {
  const highest = new Map<string, Highest>()
  for (const { name, revision: text } of bundles) {
    const known = before.get(name)
    const revision = text === undefined ? undefined : parseRevision(text)
    if (text !== undefined && revision !== undefined && (known === undefined || !isOlder(revision, known.revision))) {
      highest.set(name, { revision, text })
    } else if (known !== undefined) {
      highest.set(name, known)
    }
  }
  return highest
}

function rollbacksOf({ bundles }: OpaStatus, highest: ReadonlyMap<string, Highest>): readonly Rollback[] {
  return bundles.flatMap(({ name, revision: text }) => {
    const known = highest.get(name)
    const revision = text === undefined ? undefined : parseRevision(text)
    if (text === undefined || revision === undefined || known === undefined) return []
    return isOlder(revision, known.revision) ? [{ bundle: name, revision: text, before: known.text }] : []
  })
}

// The bundles of all audiences that OPAs serve, each made once for all who ask. A change is heard of as it is committed, by the same way as
// event streams hear of it.

import type { OpaBundleKind } from '@cardea/opa'
import { AuthorityError } from '../../errors.ts'
import type { Change } from '../../store/records.ts'
import type { AudienceSettings } from '../../options.ts'
import { isInScope, type Scope } from '../feed/scope.ts'
import { createEdition, type Edition, type EditionAnswer, type EditionQuestion } from './edition.ts'
import { createPolicyMaker, makeDiscovery, makeNews, type MakingParts } from './make-bundles.ts'
import { newsSeconds } from './news-interval.ts'
import { createPolicyMarks } from './policy-marks.ts'

export interface OpaBundles {
  /** Errors: `ERR_AUTHORITY_CLOSED` when it would wait and must not, and those of making the bundle. */
  ask(wanted: WantedBundle, question: EditionQuestion): Promise<EditionAnswer>
  /** Answers all that wait; from here on nobody waits. */
  close(): void
}

export interface WantedBundle {
  readonly kind: OpaBundleKind
  readonly audience: AudienceSettings
  readonly scope: Scope
}

/** Keys and ends that pass without a change. */
const SELDOM_MILLISECONDS = 60_000
/** One a kind, audience and set of tenants. */
const MAX_EDITIONS = 1000

export function createOpaBundles(parts: MakingParts): OpaBundles {
  const { settings, store, keys, publisher } = parts
  // in the order in which they were last asked for
  const editions = new Map<string, { readonly wanted: WantedBundle; readonly edition: Edition }>()
  const marks = createPolicyMarks()
  let held = 0
  let isClosed = false

  const forget = store.onChange(({ change }) => {
    if (change.kind === 'bundle') marks.forget()
    for (const { wanted, edition } of editions.values()) {
      if (concerns(change, wanted)) edition.wake()
      // tokens that are made from now on are from a later place than the news
      else if (wanted.kind === 'news') edition.outdate()
    }
  })
  // what signs is known a moment after the change that says so
  keys.onChange(() => {
    for (const { edition } of editions.values()) edition.wake()
  })

  function editionOf(wanted: WantedBundle): Edition {
    const { kind, audience, scope } = wanted
    const name = JSON.stringify([kind, audience.id, kind === 'news' ? (scope.id ?? '') : ''])
    const known = editions.get(name)
    editions.delete(name)
    const edition = known?.edition ?? createOne(wanted)
    editions.set(name, { wanted, edition })
    if (known === undefined) makeRoom()
    return edition
  }

  function createOne({ kind, audience, scope }: WantedBundle): Edition {
    const seldom = (): number => SELDOM_MILLISECONDS
    switch (kind) {
      case 'policy':
        return createEdition({ make: createPolicyMaker(audience, parts), everyMilliseconds: seldom })
      case 'discovery':
        return createEdition({ make: () => makeDiscovery(audience, parts), everyMilliseconds: seldom })
      case 'news':
        return createEdition({
          make: () => makeNews(scope, marks.of(audience.id), parts),
          everyMilliseconds: () => newsSeconds(publisher.current()?.definition, audience) * 1000,
        })
      default:
        return kind satisfies never
    }
  }

  function makeRoom(): void {
    for (const [name, { edition }] of editions) {
      if (editions.size <= MAX_EDITIONS) return
      if (!edition.isAskedFor) editions.delete(name)
    }
  }

  return {
    async ask(wanted, question) {
      const holds = question.holdMilliseconds > 0
      if (holds && (isClosed || held >= settings.limits.opaPolls)) throw new AuthorityError('ERR_AUTHORITY_CLOSED')
      held += holds ? 1 : 0
      try {
        return await editionOf(wanted).ask(question)
      } finally {
        held -= holds ? 1 : 0
      }
    },
    close() {
      isClosed = true
      forget()
      for (const { edition } of editions.values()) edition.close()
    },
  }
}

/** Whether the bundle may be another one after the change. */
function concerns(change: Change, { kind, scope }: WantedBundle): boolean {
  switch (change.kind) {
    case 'keys':
    case 'bundle':
      return true
    case 'revocation':
      return kind === 'news' && isInScope(change, scope)
    case 'checkpoint':
      return false
    default:
      return change satisfies never
  }
}

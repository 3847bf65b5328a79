// Deciders of the tests, and a caller of a guard that has them.

import type { Decider, Decision, Request } from '@cardea/policy'
import type { ActionDecider, Auth, DeciderMode, DecisionEvent, StandaloneOptions } from '../../src/index.ts'
import type { RequestAuth } from '../../src/auth/request-auth.ts'
import { Ledger } from '../../src/gate/ledger.ts'
import { internalsOf } from '../../src/guard.ts'
import { Document, documentNamed, type schema } from './documents.ts'
import { createWorld, type Person, requestWith, tokenFor, type World } from './world.ts'

type Options = Partial<StandaloneOptions<typeof schema>>
export type Appointments = NonNullable<Options['deciders']>

export const ALLOW: Decision = { decision: 'allow', reason: 'permit', determining: ['rego-allow'], errors: [] }
export const DENY: Decision = { decision: 'deny', reason: 'no-permit', determining: ['rego-deny'], errors: [] }
export const DOWN: Decision = {
  decision: 'deny',
  reason: 'forbid-error',
  determining: [],
  errors: [{ policy: '', code: 'ERR_OPA_TIMEOUT', message: 'm', span: { file: '', start: 0, end: 0 } }],
}

/** A decider that remembers what it was asked. */
export function deciderOf(answer: (request: Request) => unknown): Decider & { readonly asked: Request[] } {
  const asked: Request[] = []
  return {
    asked,
    decide(request) {
      asked.push(request)
      return answer(request) as Decision
    },
  }
}

export const plan = Document(documentNamed('plan'))
export const memo = Document(documentNamed('memo'))

/** A caller of a guard with deciders, as an adapter lets one in (`raw`) and as a handler sees one (`auth`). */
export interface DeciderWorld {
  readonly world: World
  readonly ledger: Ledger
  readonly raw: RequestAuth
  readonly auth: Auth<typeof schema>
  /** What was recorded last. */
  readonly last: () => DecisionEvent | undefined
}

export async function worldOf(deciders: Appointments, person: Person, options: Options = {}): Promise<DeciderWorld> {
  const world = await createWorld({ deciders, ...options })
  const ledger = new Ledger()
  const request = requestWith(await tokenFor(person))
  const raw = await internalsOf(world.guard).enter(request, 'correlation', ledger)
  const auth = await world.guard.authenticate(request)
  return { world, ledger, raw, auth, last: () => world.events.at(-1) }
}

/** One that answers at once. */
export const by = (mode: DeciderMode, answer: Decision): ActionDecider => ({ mode, decider: deciderOf(() => answer) })
/** One that answers later. */
export const later = (mode: DeciderMode, answer: unknown): ActionDecider => ({
  mode,
  decider: deciderOf(() => Promise.resolve(answer)),
})

// Some guards in a process of their own, on clocks that can be moved, each before three authorities of which it asks another when one fails.

import { createGuard, DeniedError, type Guard } from '@cardea/guard'
import { createLocalKeys, type JsonWebKeySet } from '@cardea/token'
import { AUDIENCE, Document, GUARD_CLIENTS, ISSUER, schema, SECRET, TENANT } from './setting.ts'

export interface GuardSetup {
  readonly guards: number
  /** The addresses behind which the authorities are. */
  readonly authorities: readonly string[]
  readonly bundleKeys: JsonWebKeySet
}

export type GuardQuestion =
  | { readonly setup: GuardSetup }
  | { readonly offsetSeconds: number }
  | { readonly id: number; readonly guard: number; readonly token: string; readonly document: string }

export interface GuardAnswer {
  readonly id: number
  readonly allowed: boolean
  readonly reason: string
  readonly began: number
  readonly ended: number
}

let offsetSeconds = 0
/** Why a token was refused exactly, by the correlation of the answer. */
const codes = new Map<string, string>()
const guards: Guard<typeof schema>[] = []

process.on('message', (question: GuardQuestion) => {
  if ('setup' in question) void setUp(question.setup)
  else if ('offsetSeconds' in question) offsetSeconds = question.offsetSeconds
  else void answer(question)
})
process.on('disconnect', () => process.exit(0))

async function setUp({ guards: count, authorities, bundleKeys }: GuardSetup): Promise<void> {
  for (let at = 0; at < count; at += 1) {
    guards.push(
      await createGuard({
        schema,
        authority: ISSUER,
        audience: AUDIENCE,
        client: { id: GUARD_CLIENTS[at % 2] ?? '', secret: SECRET },
        bundleKeys: createLocalKeys(bundleKeys),
        development: false,
        log: { info: () => {}, warn: () => {}, error: () => {} },
        // the answer of `authenticate` says less than the record of it does
        onDecision: ({ correlation, code }) => {
          if (code !== undefined) codes.set(correlation, code)
        },
        now: () => Date.now() / 1000 + offsetSeconds,
        fetch: fetchOver(authorities, at),
      }),
    )
  }
  process.send?.({ ready: count })
}

/** As behind a load balancer: the same authority as long as it answers, then the next. */
function fetchOver(authorities: readonly string[], first: number): typeof fetch {
  let at = first
  return async (input, init) => {
    const url = String(input instanceof Request ? input.url : input)
    const authority = authorities[at % authorities.length] ?? ''
    try {
      const response = await fetch(url.replace(ISSUER, authority), init)
      if (response.status >= 500) at += 1
      return response
    } catch (error) {
      at += 1
      throw error
    }
  }
}

async function answer(question: Extract<GuardQuestion, { readonly id: number }>): Promise<void> {
  const { id, token, document } = question
  const guard = guards[question.guard % guards.length]
  const began = Date.now()
  let allowed = false
  let reason = 'no guard'
  try {
    const headers = { authorization: `Bearer ${token}` }
    const auth = await guard?.authenticate({ method: 'GET', url: `/documents/${document}`, headers })
    const decision = auth?.decide('view', Document({ id: document, tenant: TENANT }))
    allowed = decision?.decision === 'allow'
    reason = decision?.reason ?? 'no guard'
  } catch (error) {
    reason =
      error instanceof DeniedError
        ? `${error.reason} ${codes.get(error.problem.correlation ?? '') ?? ''}`.trim()
        : String(error)
  }
  codes.clear()
  process.send?.({ id, allowed, reason, began, ended: Date.now() } satisfies GuardAnswer)
}

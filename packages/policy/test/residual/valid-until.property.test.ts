// `validUntil` is never too late: while the clock has not come to it, the residual of then decides as the program does now.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLinks } from '../../src/compile/links.ts'
import { compileProgram } from '../../src/compile/program.ts'
import { decide } from '../../src/decide/decide.ts'
import type { Request } from '../../src/decide/request.ts'
import { evaluateResidual } from '../../src/residual/evaluate.ts'
import { residual } from '../../src/residual/residual.ts'
import { hiddenRequests } from '../generate/partial-requests.ts'
import { STEPS, timeConditions } from '../generate/time-conditions.ts'
import { ACTIONS, ANN, CONTEXTS, DOCUMENTS, ENTITIES, USERS } from '../generate/universe.ts'
import { universeConditions } from '../generate/universe-expressions.ts'
import { universes } from '../generate/universe-policies.ts'
import { NOWHERE } from '../generate/expressions.ts'

const STARTS = [0n, -1n, 86_399_999n, -100_000_000n, 1_700_000_000_500n]
const cases = fc.constantFrom(...STARTS).chain((start) =>
  fc.record({
    start: fc.constant(start),
    universe: universes,
    times: fc.array(fc.option(timeConditions(start, universeConditions)), { minLength: 9, maxLength: 9 }),
    ends: fc.array(fc.option(fc.integer({ min: -3, max: 100_000 }), { freq: 2 }), { minLength: 12, maxLength: 12 }),
    hidden: hiddenRequests({
      principals: [ANN, ...USERS],
      actions: ACTIONS,
      resources: DOCUMENTS,
      contexts: CONTEXTS,
      entities: ENTITIES,
    }),
  }),
)

function at<T extends Pick<Request, 'context'>>(request: T, now: bigint): T & Pick<Request, 'nowSeconds'> {
  const context = new Map(request.context)
  if (context.has('now')) context.set('now', { kind: 'datetime', milliseconds: now })
  return { ...request, context, nowSeconds: Math.floor(Number(now) / 1000) }
}

describe('validUntil', () => {
  it.each(['deny', 'skip'] as const)('is not later than the first change (%s)', (forbidErrors) => {
    const seen = { endless: 0, later: 0, instant: 0 }
    fc.assert(
      fc.property(cases, fc.constantFrom(...STEPS), ({ start, universe, times, ends, hidden }, step) => {
        const policies = universe.policies.map((policy, index) => {
          const body = times[index] ?? undefined
          return body === undefined
            ? policy
            : { ...policy, conditions: [{ kind: 'when' as const, body, span: NOWHERE }] }
        })
        const links = universe.links.map((link, index) => {
          const end = ends[index] ?? undefined
          return end === undefined ? link : { ...link, untilSeconds: Math.floor(Number(start) / 1000) + end }
        })
        const program = compileProgram(policies, { forbidErrors })
        const own = createLinks(links)
        const left = residual(program, { ...at(hidden.partial, start), links: own })
        const border = left.validUntil === undefined ? undefined : BigInt(left.validUntil) * 1000n
        if (border === undefined) seen.endless += 1
        else if (border <= start) seen.instant += 1
        else seen.later += 1
        const moments = [
          start,
          start + 1n,
          start + step,
          ...(border === undefined ? [start + 2n ** 50n] : [border - 1n]),
        ]
        for (const moment of moments) {
          if (moment < start || (border !== undefined && moment >= border && moment > start)) continue
          const whole = at(hidden.whole, moment)
          const isNowFilled = hidden.filling.context !== undefined && !hidden.partial.context.has('now')
          const context = isNowFilled ? at({ context: hidden.filling.context }, start).context : whole.context
          const filling = hidden.filling.context === undefined ? hidden.filling : { ...hidden.filling, context }
          const { decision } = decide(program, { ...whole, context, links: own })
          expect(evaluateResidual(left, filling).decision).toBe(decision)
        }
      }),
      { numRuns: 2500 },
    )
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(100)
  })
})

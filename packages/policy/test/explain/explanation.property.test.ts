// What an explanation claims holds when it is done, whatever is asked.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileProgram } from '../../src/compile/program.ts'
import type { ForbidErrors } from '../../src/compile/program.ts'
import { decide } from '../../src/decide/decide.ts'
import { explain } from '../../src/explain/explain.ts'
import type { Flip } from '../../src/explain/explanation.ts'
import { ACTIONS, ANN, CONTEXTS, ENTITIES, RESOURCES } from '../generate/universe.ts'
import { universes } from '../generate/universe-policies.ts'
import { withFlips } from './turn.ts'

describe('of whatever is asked', () => {
  const rules = fc.constantFrom<ForbidErrors>('deny', 'skip')

  it('with its flips a permit applies, and without any one of them it does not', () => {
    let looked = 0
    fc.assert(
      fc.property(
        universes,
        rules,
        fc.constantFrom(...ACTIONS),
        fc.constantFrom(...RESOURCES),
        fc.constantFrom(...CONTEXTS),
        ({ policies, links }, forbidErrors, action, resource, context) => {
          const program = compileProgram(policies, { links, forbidErrors })
          const request = { principal: ANN, action, resource, context, entities: ENTITIES }
          const explanation = explain(program, request, { limit: 20 })
          const decision = decide(program, request)
          expect(explanation).toMatchObject({ decision: decision.decision, reason: decision.reason })
          expect(explanation.determining.map(({ id }) => id)).toEqual(decision.determining)
          expect(explanation.errors.map(({ id }) => id)).toEqual(decision.errors.map(({ policy }) => policy))
          for (const {
            policy: { id },
            flips,
          } of explanation.nearMisses) {
            looked += 1
            expect(flips.length).toBeGreaterThan(0)
            expect(applies(id, flips)).toBe(true)
            for (const left of flips)
              expect(
                applies(
                  id,
                  flips.filter((flip) => flip !== left),
                ),
              ).toBe(false)
          }
          for (const { id, policy, flips } of explanation.determining) {
            if (policy.effect === 'permit' || flips.length === 0) continue
            looked += 1
            expect(denies(policy.id, id, flips)).toBe(false)
            for (const left of flips)
              expect(
                denies(
                  policy.id,
                  id,
                  flips.filter((flip) => flip !== left),
                ),
              ).toBe(true)
          }

          function applies(id: string, flips: readonly Flip[]): boolean {
            const policy = policies.find((one) => one.id === id)
            if (policy === undefined) throw new TypeError(`there is no policy ${id}`)
            const granted = flips.some(({ kind }) => kind === 'grant')
              ? [
                  {
                    id: 'granted',
                    template: id,
                    ...(policy.slots.includes('principal') ? { principal: ANN } : {}),
                    ...(policy.slots.includes('resource') ? { resource } : {}),
                  },
                ]
              : []
            const own = links.filter(({ template }) => template === id)
            const turned = compileProgram([withFlips(policy, flips)], { links: [...own, ...granted] })
            return decide(turned, request).decision === 'allow'
          }

          function denies(id: string, determining: string, flips: readonly Flip[]): boolean {
            const policy = policies.find((one) => one.id === id)
            if (policy === undefined) throw new TypeError(`there is no policy ${id}`)
            const own = links.filter((link) => link.id === determining)
            // what keeps a forbid away is a condition that does not hold, never one that cannot be evaluated
            const turned = compileProgram([withFlips(policy, flips)], { links: own, forbidErrors: 'deny' })
            return decide(turned, request).determining.includes(determining)
          }
        },
      ),
      { numRuns: 500 },
    )
    expect(looked).toBeGreaterThan(300)
  })
})

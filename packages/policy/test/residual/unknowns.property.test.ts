// Whatever is unknown: filling it in and evaluating the residual is deciding. For every combination of unknowns, under both rules for
// erring forbids, with and without groups of actions from a schema, and with entities that nobody has loaded yet.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLinks } from '../../src/compile/links.ts'
import { compileProgram } from '../../src/compile/program.ts'
import { decide } from '../../src/decide/decide.ts'
import { evaluateResidual } from '../../src/residual/evaluate.ts'
import { residual } from '../../src/residual/residual.ts'
import { hiddenRequests } from '../generate/partial-requests.ts'
import { ACTIONS, CONTEXTS, ENTITIES, RESOURCES, TEAMS, USERS } from '../generate/universe.ts'
import { universes } from '../generate/universe-policies.ts'

const UNIVERSE = {
  principals: [...USERS, ...USERS, ...TEAMS],
  actions: ACTIONS,
  resources: RESOURCES,
  contexts: CONTEXTS,
  entities: ENTITIES,
}

describe('residual', () => {
  it.each(['deny', 'skip'] as const)('decides every filling as the program does (%s)', (forbidErrors) => {
    const kinds = new Map<string, number>()
    const masks = new Set<string>()
    fc.assert(
      fc.property(universes, hiddenRequests(UNIVERSE), fc.boolean(), ({ policies, links }, hidden, areOwn) => {
        const program = compileProgram(policies, { forbidErrors, links: areOwn ? [] : links })
        const own = areOwn ? createLinks(links) : undefined
        const left = residual(program, { ...hidden.partial, links: own })
        kinds.set(left.kind, (kinds.get(left.kind) ?? 0) + 1)
        masks.add(hidden.mask)
        const { decision } = decide(program, { ...hidden.whole, links: own })
        expect(evaluateResidual(left, hidden.filling).decision).toBe(decision)
      }),
      { numRuns: 4000 },
    )
    for (const kind of ['always-allow', 'always-deny', 'conditional']) expect(kinds.get(kind)).toBeGreaterThan(100)
    expect(masks.size).toBe(16)
  })
})

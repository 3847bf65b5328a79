// The residual of a program, evaluated on a resource, decides as the program does: for every resource, under both rules for
// erroring forbids, with the caller's own grants and with fixed links.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLinks } from '../../src/compile/links.ts'
import { compileProgram } from '../../src/compile/program.ts'
import { decide } from '../../src/decide/decide.ts'
import type { Entities } from '../../src/entity/entities.ts'
import { sameEntity } from '../../src/entity/uid.ts'
import { evaluateResidual } from '../../src/residual/evaluate.ts'
import { unknownEntity } from '../../src/residual/request.ts'
import { residual } from '../../src/residual/residual.ts'
import { ACTIONS, ANN, CONTEXTS, ENTITIES, entityOf, RESOURCES } from '../generate/universe.ts'
import { universes } from '../generate/universe-policies.ts'

/** What is known before resources are loaded: everything but entities of their type. The principal is always known. */
function known(resourceType: string): Entities {
  return { get: (uid) => (uid.type !== resourceType || sameEntity(uid, ANN) ? ENTITIES.get(uid) : undefined) }
}

describe('residual', () => {
  it.each(['deny', 'skip'] as const)('decides every resource as the program does (%s)', (forbidErrors) => {
    const kinds = new Map<string, number>()
    fc.assert(
      fc.property(
        universes,
        fc.constantFrom(...ACTIONS),
        fc.constantFrom(...CONTEXTS),
        fc.constantFrom('Doc', 'Team', 'User', 'Folder'),
        fc.boolean(),
        ({ policies, links }, action, context, resourceType, areOwn) => {
          const program = compileProgram(policies, { forbidErrors, links: areOwn ? [] : links })
          const own = areOwn ? createLinks(links) : undefined
          const before = known(resourceType)
          const left = residual(program, {
            principal: ANN,
            action,
            context,
            resource: unknownEntity(resourceType),
            entities: before,
            links: own,
          })
          kinds.set(left.kind, (kinds.get(left.kind) ?? 0) + 1)
          for (const resource of RESOURCES.filter(({ type }) => type === resourceType)) {
            const resourceEntity = entityOf(resource)
            const request = { principal: ANN, action, resource, context, entities: before, resourceEntity, links: own }
            const { decision } = decide(program, request)
            expect(evaluateResidual(left, { resourceEntity, entities: before }).decision).toBe(decision)
          }
        },
      ),
      { numRuns: 4000 },
    )
    // the property must not hold for want of anything to decide
    for (const kind of ['always-allow', 'always-deny', 'conditional']) expect(kinds.get(kind)).toBeGreaterThan(100)
  })
})

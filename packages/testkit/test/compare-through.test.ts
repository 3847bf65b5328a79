// The matrix through another decider: what differs in which direction, and that a decider which fails agrees with nothing.

import type { Decision, Request } from '@cardea/policy'
import { describe, expect, it } from 'vitest'
import { compareThrough, createWorld, parseMatrix, runMatrix } from '../src/index.ts'
import { MATRIX, schema, sources } from './fixture.ts'

const cells = runMatrix(createWorld({ schema, policies: sources }), parseMatrix(MATRIX, 'm.yaml'))
const ALLOW: Decision = { decision: 'allow', reason: 'permit', determining: [], errors: [] }
const DENY: Decision = { decision: 'deny', reason: 'no-permit', determining: [], errors: [] }
const fault = (policy: string): Decision => ({
  ...DENY,
  reason: 'forbid-error',
  errors: [{ policy, code: 'ERR_OPA_TIMEOUT', message: 'm', span: { file: '', start: 0, end: 0 } }],
})

const allowed = cells.filter(({ decision }) => decision.decision === 'allow').length
const denied = cells.length - allowed
const counts = async (decide: (request: Request) => Decision | Promise<Decision>) => {
  const found = await compareThrough(cells, { decide })
  return Object.values(found).map((list: readonly unknown[]) => list.length)
}

describe('through another decider', () => {
  it('has cells of both kinds to compare', () => {
    expect(Math.min(allowed, denied)).toBeGreaterThan(0)
  })

  it('finds nothing where it says the same', async () => {
    const decisionOf = (asked: Request): Decision => cells.find(({ request }) => request === asked)?.decision ?? DENY
    expect(await counts(decisionOf)).toEqual([0, 0, 0, cells.length])
    expect(await counts((request) => Promise.resolve(decisionOf(request)))).toEqual([0, 0, 0, cells.length])
  })

  it('finds what only it allows, and what only the policies allow', async () => {
    expect(await counts(() => ALLOW)).toEqual([denied, 0, 0, allowed])
    expect(await counts(() => DENY)).toEqual([0, allowed, 0, denied])
  })

  it.each<[string, () => Decision | Promise<Decision>]>([
    ['fails', () => fault('')],
    ['rejects', () => Promise.reject(new Error('down'))],
    [
      'throws',
      () => {
        throw new Error('down')
      },
    ],
  ])('takes one that %s for no answer, also where the policies deny', async (_name, decide) => {
    expect(await counts(decide)).toEqual([0, 0, cells.length, 0])
  })

  it('takes a policy of the other that cannot be evaluated for a deny', async () => {
    expect(await counts(() => fault('theirs'))).toEqual([0, allowed, 0, denied])
  })
})

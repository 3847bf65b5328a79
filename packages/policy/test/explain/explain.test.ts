// Explanations in one line, and what would change the answer. No value of a request may appear in either, nor in the data behind them.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLinks } from '../../src/compile/links.ts'
import { compileProgram } from '../../src/compile/program.ts'
import { decide } from '../../src/decide/decide.ts'
import type { Request } from '../../src/decide/request.ts'
import { createEntities } from '../../src/entity/entities.ts'
import { entityUid } from '../../src/entity/uid.ts'
import { explain as explainDecision } from '../../src/explain/explain.ts'
import type { Explanation } from '../../src/explain/explanation.ts'
import { summarize } from '../../src/explain/line.ts'
import type { Summary } from '../../src/explain/line.ts'
import { parsePolicies } from '../../src/syntax/parse-policies.ts'
import { parseIp } from '../../src/value/ip.ts'
import type { Value } from '../../src/value/value.ts'
import { ACTIONS, ANN, CONTEXTS, ENTITIES, RESOURCES } from '../generate/universe.ts'
import { universes } from '../generate/universe-policies.ts'

const SECRET = 'secret-claim'
const USER = entityUid('User', SECRET)
const DOCUMENT = entityUid('Doc', 'secret-document')
const PERMIT = '@id("p") permit (principal, action, resource);\n'

interface Explained extends Summary {
  readonly explanation: Explanation
  /** The id of the forbid that denied, or of the permit that came nearest. */
  readonly policy: string | undefined
}

function explain(text: string, request: Partial<Request> = {}): Explained {
  const { policies, problems } = parsePolicies(text, { file: 'p.cedar' })
  expect(problems).toEqual([])
  const program = compileProgram(policies)
  const full: Request = {
    principal: USER,
    action: entityUid('Action', 'view'),
    resource: DOCUMENT,
    context: new Map<string, Value>([
      ['ip', parseIp('203.0.113.9') ?? ''],
      ['acr', SECRET],
    ]),
    entities: createEntities([
      { uid: USER, attributes: { department: SECRET } },
      { uid: DOCUMENT, attributes: { owner: entityUid('User', 'secret-owner'), classified: true } },
    ]),
    nowSeconds: 100,
    ...request,
  }
  const explanation = explainDecision(program, full, { sources: new Map([['p.cedar', text]]) })
  expect(explanation.decision).toBe(decide(program, full).decision)
  const summary = summarize(explanation)
  expect(JSON.stringify([explanation, summary])).not.toMatch(/secret-(?:claim|document|owner)/)
  const { determining, nearMisses } = explanation
  return { ...summary, explanation, policy: (determining[0] ?? nearMisses[0])?.policy.id }
}

const when = (condition: string): string => `@id("p") permit (principal, action, resource) when { ${condition} };`

describe('a forbid', () => {
  it.each([
    [
      '@id("office") forbid (principal, action, resource) when { resource.classified } unless { context.ip.isInRange(ip("10.0.0.0/8")) };',
      'forbid `office` (p.cedar:2:1) because `context.ip.isInRange(ip("10.0.0.0/8"))` is false',
      'a request from another network',
    ],
    [
      '@id("mfa") forbid (principal, action, resource) when { resource.classified && context.acr != "mfa" };',
      'forbid `mfa` (p.cedar:2:1) because `context.acr != "mfa"` is true',
      'a fresh second factor',
    ],
    [
      '@id("frozen") forbid (principal, action, resource) when { resource.classified };',
      'forbid `frozen` (p.cedar:2:1) because `resource.classified` is true',
      'another value of `resource.classified`',
    ],
    [
      '@id("all") forbid (principal, action, resource);',
      'forbid `all` (p.cedar:2:1) denies whatever is in its scope',
      undefined,
    ],
    [
      '@id("broken") forbid (principal, action, resource) when { resource.absent };',
      'forbid `broken` (p.cedar:2:1) errs: attribute `absent` is absent',
      undefined,
    ],
    [
      '@id("others") forbid (principal, action, resource) unless { resource.owner == principal || principal in Team::"legal" };',
      'forbid `others` (p.cedar:2:1) because `principal in Team::"legal"` is false',
      'membership in `Team::"legal"`',
    ],
  ])('%s', (text, line, change) =>
    expect(explain(PERMIT + text)).toMatchObject({ line, ...(change === undefined ? {} : { change }) }),
  )
})

describe('no permit', () => {
  it.each([
    ['', 'no permit is for this action on this type of resource', undefined],
    [
      'permit (principal, action == Action::"edit", resource);',
      'no permit is for this action on this type of resource',
      undefined,
    ],
    [
      'permit (principal, action, resource is Team);',
      'no permit is for this action on this type of resource',
      undefined,
    ],
    [
      '@id("p") permit (principal in Team::"hr", action, resource);',
      'no permit applies; the nearest is `p` (p.cedar:1:1), but the principal is not in `Team::"hr"`',
      'membership in `Team::"hr"`',
    ],
    [
      '@id("p") permit (principal, action, resource == Doc::"x");',
      'no permit applies; the nearest is `p` (p.cedar:1:1), but the resource is not `Doc::"x"`',
      'another resource',
    ],
    [
      when('resource.owner == principal'),
      'no permit applies; the nearest is `p` (p.cedar:1:1), but `resource.owner == principal` is false',
      'being the `owner` of the resource',
    ],
    [
      when('principal in Role::"admin"'),
      'no permit applies; the nearest is `p` (p.cedar:1:1), but `principal in Role::"admin"` is false',
      'membership in `Role::"admin"`',
    ],
    [
      when('principal.department == "hr"'),
      'no permit applies; the nearest is `p` (p.cedar:1:1), but `principal.department == "hr"` is false',
      'another value of `principal.department`',
    ],
    [
      when('context.authTime > 5'),
      'no permit applies; the nearest is `p` (p.cedar:1:1), but `context.authTime > 5` errs: attribute `authTime` is absent',
      'a fresh second factor',
    ],
    [
      when('!resource.classified'),
      'no permit applies; the nearest is `p` (p.cedar:1:1), but `resource.classified` is true',
      'another value of `resource.classified`',
    ],
    [
      when('context has reason'),
      'no permit applies; the nearest is `p` (p.cedar:1:1), but `context has reason` is false',
      'another value of `context.reason`',
    ],
  ])('%s', (text, line, change) => {
    const denial = explain(text)
    expect(denial.line).toBe(line)
    expect(denial.change).toBe(change)
  })

  it('takes the permit that misses least', () => {
    const far = '@id("far") permit (principal in Team::"hr", action, resource) when { context.acr == "mfa" };'
    const near =
      '@id("near") permit (principal, action, resource) when { resource.classified && resource.owner == principal };'
    expect(explain(`${far}\n${near}`).policy).toBe('near')
  })

  it('tells a missing grant from one that has expired', () => {
    const text = '@id("viewer") permit (principal == ?principal, action, resource in ?resource);'
    expect(explain(text)).toMatchObject({
      line: expect.stringMatching(/there is no grant of it here$/),
      change: 'a grant of `viewer` on the resource',
    })
    const links = createLinks([{ id: 'l', template: 'viewer', principal: USER, resource: DOCUMENT, untilSeconds: 100 }])
    expect(explain(text, { links })).toMatchObject({
      line: expect.stringMatching(/the grant has expired$/),
      change: 'a renewed grant of `viewer`',
    })
  })
})

describe('a line', () => {
  it('is one line of harmless characters', () => {
    const text = '@id("a\\u{1b}[31m\\n\\u{202e}") permit (principal, action, resource) when {\n  false\n    && true };'
    const { line } = explain(text)
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    expect(line).toContain('\\u{1b}[31m')
  })

  it('is printed from the tree without sources, and coloured on demand', () => {
    const { policies } = parsePolicies(when('1 == 2'))
    const program = compileProgram(policies)
    const request = { principal: USER, action: USER, resource: DOCUMENT, context: new Map(), entities: ENTITIES }
    const explanation = explainDecision(program, request)
    expect(summarize(explanation).line).toBe(
      'no permit applies; the nearest is `p` (policy.cedar), but `1 == 2` is false',
    )
    expect(summarize(explanation, { color: true }).line).toContain('\u001b[1m`p`\u001b[22m')
  })

  it('is there for every decision', () => {
    fc.assert(
      fc.property(
        universes,
        fc.constantFrom(...ACTIONS),
        fc.constantFrom(...RESOURCES),
        ({ policies, links }, action, resource) => {
          const program = compileProgram(policies, { links })
          const request = { principal: ANN, action, resource, context: CONTEXTS[0] ?? new Map(), entities: ENTITIES }
          const explanation = explainDecision(program, request)
          expect(explanation.decision).toBe(decide(program, request).decision)
          expect(summarize(explanation).line.length).toBeGreaterThan(10)
        },
      ),
      { numRuns: 1000 },
    )
  })
})

describe('of several permits as near as each other, the line names the one that is easiest to meet', () => {
  const role = '@id("role") permit (principal in Role::"admin", action, resource);'
  const grant = '@id("grant") permit (principal == ?principal, action, resource == ?resource);'
  const network = '@id("network") permit (principal, action, resource) when { context.ip.isInRange(ip("10.0.0.0/8")) };'
  const owner = '@id("owner") permit (principal, action, resource) when { resource.owner == principal };'
  const ended = createLinks([{ id: 'g', template: 'grant', principal: USER, resource: DOCUMENT, untilSeconds: 100 }])
  it.each([
    ['a grant before a role', [role, owner, grant], undefined, 'grant', 'a grant of `grant` on the resource'],
    ['another network before a grant', [grant, role, network], undefined, 'network', 'a request from another network'],
    ['a renewed grant before all', [network, role, grant, owner], ended, 'grant', 'a renewed grant of `grant`'],
    ['a role before ownership', [owner, role], undefined, 'role', 'membership in `Role::"admin"`'],
    [
      'the first of equals',
      [role, role.replaceAll('role', 'other')],
      undefined,
      'role',
      'membership in `Role::"admin"`',
    ],
  ] as const)('%s', (_name, policies, links, id, change) => {
    const denial = explain(policies.join('\n'), links === undefined ? {} : { links })
    expect(denial.policy).toBe(id)
    expect(denial.change).toBe(change)
  })
})

// The text form: golden texts, and that no policy can draw on a terminal.

import { describe, expect, it } from 'vitest'
import { createLinks } from '../../src/compile/links.ts'
import { compileProgram } from '../../src/compile/program.ts'
import type { Request } from '../../src/decide/request.ts'
import { createEntities } from '../../src/entity/entities.ts'
import { entityUid } from '../../src/entity/uid.ts'
import { explain } from '../../src/explain/explain.ts'
import { formatExplanation } from '../../src/explain/format.ts'
import { parsePolicies } from '../../src/syntax/parse-policies.ts'

const ANN = entityUid('User', 'ann')
const PLAN = entityUid('Doc', 'plan')
const REQUEST: Request = {
  principal: ANN,
  action: entityUid('Action', 'view'),
  resource: PLAN,
  context: new Map([['acr', 'pwd']]),
  entities: createEntities([
    { uid: ANN, attributes: { level: 3 } },
    { uid: PLAN, attributes: { owner: entityUid('User', 'bob') } },
  ]),
  links: createLinks([{ id: 'l', template: 'viewer', principal: ANN, resource: PLAN, untilSeconds: 1_767_268_800 }]),
  nowSeconds: 1_767_268_800,
}

function format(text: string, request: Partial<Request> = {}, color = false): string {
  const { policies, problems } = parsePolicies(text, { file: 'p.cedar' })
  expect(problems).toEqual([])
  const sources = new Map([['p.cedar', text]])
  return formatExplanation(explain(compileProgram(policies), { ...REQUEST, ...request }, { sources, limit: 2 }), {
    sources,
    color,
  })
}

describe('the text of an explanation', () => {
  it('of a deny with near misses', () => {
    const text = `@id("viewer") permit (principal == ?principal, action, resource == ?resource);
@id("owner")
@doc("owners do what they want")
permit (principal in Team::"writers", action, resource)
when { resource.owner == principal && context.acr == "mfa" };
@id("other") permit (principal in Team::"a", action, resource) when { principal.level > 5 };
@id("third") permit (principal, action, resource)
when { principal.rank > 5 || principal.level > 5 }
unless { context.acr == "pwd" || principal.level < 5 };
`
    expect(format(text)).toBe(`DENY: no permit applies

p.cedar:1:1: near miss: permit \`viewer\` does not apply
  1 | @id("viewer") permit (principal == ?principal, action, resource == ?resource);
    |                                                        ^^^^^^^^^^^^^^^^^^^^^ the grant ended at 2026-01-01T12:00:00.000Z
  = would meet it: a renewed grant of \`viewer\`

p.cedar:6:1: near miss: permit \`other\` does not apply
  6 | @id("other") permit (principal in Team::"a", action, resource) when { principal.level > 5 };
    |                      ^^^^^^^^^^^^^^^^^^^^^^                           ^^^^^^^^^^^^^^^^^^^ is false
    |                      |
    |                      the principal is not in \`Team::"a"\`
  = \`principal.level\` is of type \`Long\`
  = would meet it: membership in \`Team::"a"\`; and another value of \`principal.level\`

and 2 more permits that do not apply

p.cedar:8:8: could not be decided: \`third\`: attribute \`rank\` is absent
  8 | when { principal.rank > 5 || principal.level > 5 }
    |        ^^^^^^^^^^^^^^`)
  })

  it('of a deny by a forbid, with a remedy', () => {
    const text = `permit (principal, action, resource);
@id("fresh") @advice("step_up:acr=mfa")
forbid (principal, action, resource)
unless { context.acr == "mfa" };
`
    expect(format(text)).toBe(`DENY: a forbid applies

p.cedar:2:1: forbid: \`fresh\` applies
  4 | unless { context.acr == "mfa" };
    |          ^^^^^^^^^^^^^^^^^^^^ is false
  = \`context.acr\` is of type \`String\`
  = would keep it away: a fresh second factor

remedy: \`step_up:acr=mfa\``)
  })

  it('of an allow', () => {
    expect(format('@id("all") permit (principal, action, resource);')).toBe(`ALLOW: a permit applies, and no forbid

p.cedar:1:1: permit: \`all\` applies
  1 | @id("all") permit (principal, action, resource);
    | ------------------------------------------------`)
  })

  it('of the default deny', () => {
    const text = 'permit (principal, action == Action::"views", resource is Folder);'
    expect(format(text)).toBe(`DENY: no permit applies

no permit is for \`Action::"view"\` by a \`User\` on a \`Doc\`
  = did you mean \`Action::"views"\`?`)
  })

  it('has no characters that act on a terminal', () => {
    const text =
      '@id("a\\u{1b}[31m\\n\\u{202e}")\n@doc("\\u{7}")\npermit (principal, action, resource) when { "\u202e" == "b" };'
    expect(format(text)).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u)
  })

  it('is coloured on demand', () => {
    expect(format('permit (principal, action, resource);', {}, true)).toContain('\u001b[1;32mALLOW\u001b[0m')
  })
})

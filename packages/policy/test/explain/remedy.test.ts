// Remedies: what the policies behind a deny advise, and that it is offered only where following it would help.

import { describe, expect, it } from 'vitest'
import { readAdvice } from '../../src/annotation/advice.ts'
import type { Remedy } from '../../src/annotation/advice.ts'
import { createLinks } from '../../src/compile/links.ts'
import { compileProgram } from '../../src/compile/program.ts'
import { decide } from '../../src/decide/decide.ts'
import type { Request } from '../../src/decide/request.ts'
import { createEntities } from '../../src/entity/entities.ts'
import { entityUid } from '../../src/entity/uid.ts'
import { explain } from '../../src/explain/explain.ts'
import { adviceFor, chooseRemedy } from '../../src/explain/remedy.ts'
import { parsePolicies } from '../../src/syntax/parse-policies.ts'
import type { Value } from '../../src/value/value.ts'

const ANN = entityUid('User', 'ann')
const PLAN = entityUid('Doc', 'plan')
const NOW = 1_800_000_000
const REQUEST: Request = {
  principal: ANN,
  action: entityUid('Action', 'edit'),
  resource: PLAN,
  context: new Map<string, Value>([
    ['acr', 'pwd'],
    ['authTime', { kind: 'datetime', milliseconds: BigInt(NOW - 4000) * 1000n }],
    ['now', { kind: 'datetime', milliseconds: BigInt(NOW) * 1000n }],
  ]),
  entities: createEntities([]),
  nowSeconds: NOW,
}

const ALL = '@id("all") permit (principal, action, resource);\n'
const EDITOR = '@id("editor") @advice("request_grant") permit (principal == ?principal, action, resource in ?resource)'
const STEP_UP: Remedy = { kind: 'step-up', acrValues: ['mfa'], maxAgeSeconds: 300 }
const FORBID = '@id("f") @advice("step_up:acr=mfa,max_age=300; network") forbid (principal, action, resource)'

function remediesOf(text: string, request: Partial<Request> = {}): readonly Remedy[] {
  const { policies, problems } = parsePolicies(text)
  expect(problems).toEqual([])
  return explain(compileProgram(policies), { ...REQUEST, ...request }).remedies
}

describe('a remedy is offered', () => {
  const network: Remedy = { kind: 'advice', name: 'network' }
  const grant: Remedy = { kind: 'request-grant', template: 'editor' }
  it.each<[string, string, readonly Remedy[]]>([
    ['where a factor helps', `${ALL}${FORBID} unless { context.acr == "mfa" };`, [STEP_UP, network]],
    [
      'where its age helps',
      `${ALL}${FORBID} unless { context.now.durationSince(context.authTime) < duration("5m") };`,
      [STEP_UP, network],
    ],
    ['not where another factor is asked for', `${ALL}${FORBID} unless { context.acr == "hwk" };`, [network]],
    ['not where nothing would permit it then', `${FORBID} unless { context.acr == "mfa" };`, [network]],
    ['where a grant helps', `${EDITOR};`, [grant]],
    ['not where the template asks for more', `${EDITOR} when { context.acr == "mfa" };`, []],
    ['not where a forbid stands in the way', `${EDITOR};\nforbid (principal, action, resource);`, []],
    ['not of a permit for other types', `${EDITOR.replace('resource in', 'resource is Folder in')};`, []],
    ['not of an allow', `${ALL}${EDITOR};`, []],
  ])('%s', (_name, text, expected) => {
    expect(remediesOf(text)).toEqual(expected)
  })

  it('by a link of a forbid template too', () => {
    const text = `${ALL}@id("b") @advice("network") forbid (principal == ?principal, action, resource);`
    const links = createLinks([{ id: 'blocked', template: 'b', principal: ANN }])
    expect(remediesOf(text, { links })).toEqual([network])
  })

  it('as the first that helps, failing that what people can read', () => {
    const helps = (remedy: Remedy): boolean => remedy.kind === 'request-grant'
    expect(chooseRemedy([network, STEP_UP, grant], helps)).toEqual(grant)
    expect(chooseRemedy([STEP_UP, network], helps)).toEqual(network)
    expect(chooseRemedy([STEP_UP], helps)).toBeUndefined()
  })
})

it('is tried once, however many policies advise it', () => {
  const text = Array.from(
    { length: 40 },
    (_, index) => `@advice("step_up:acr=mfa; w${index}") permit (principal in Team::"t${index}", action, resource);`,
  ).join('\n')
  const { policies } = parsePolicies(text)
  const program = compileProgram(policies)
  const advised = adviceFor(program, REQUEST, decide(program, REQUEST), readAdvice(policies).remedies)
  expect(advised.filter(({ kind }) => kind === 'step-up').length).toBe(1)
  expect(advised.length).toBe(16)
})

it('what is asked as if leaves the request and its links as they were', () => {
  const { policies } = parsePolicies(`${EDITOR};`)
  const program = compileProgram(policies)
  const links = createLinks([])
  const request = { ...REQUEST, links }
  expect(explain(program, request).remedies.length).toBe(1)
  expect(links.all).toEqual([])
  expect(decide(program, request).decision).toBe('deny')
  expect(adviceFor(program, request, decide(program, request), readAdvice(policies).remedies).length).toBe(1)
})

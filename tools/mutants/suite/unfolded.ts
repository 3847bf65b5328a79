// Evaluators against each other on operands that no compiler can compute in advance: every operator on every pair of values that come
// with the context, alone, negated and beside what decides. Constants, as the tables have them, are folded before code is made of them.

import { createEntities, decide, entityUid, parseIp, parsePolicies, setValue, type Value } from '@cardea/policy'
import { EVALUATORS } from '../../../conformance/engine.ts'
import type { Check } from './check.ts'

const ANN = entityUid('User', 'ann')
const VALUES: { readonly [name: string]: Value } = {
  t: true,
  f: false,
  n: 1,
  s: 'a',
  e: ANN,
  g: entityUid('Team', 'ann'),
  set: setValue(['a', 1]),
  time: { kind: 'datetime', milliseconds: 1n },
}
const RANGES: { readonly [name: string]: Value } = Object.fromEntries(
  [
    '10.1.2.3',
    '10.1.2.2',
    '10.0.0.0/8',
    '10.0.0.0/16',
    'ff00::/8',
    '10.1.0.0/16',
    '128.0.0.0/1',
    '0.0.0.0/0',
    '::/0',
    '::a01:203',
    '::a00:0/104',
  ].flatMap((text, at): [string, Value][] => {
    const value = parseIp(text)
    return value === undefined ? [] : [[`ip${at}`, value]]
  }),
)
const OPERANDS = [
  ...Object.keys(VALUES).map((name) => `context.${name}`),
  'context.absent',
  'principal',
  'resource.owner',
  '[1, "a"]',
]
const INFIX = ['==', '!=', '<', '<=', '>', '>=', 'in', '&&', '||']

export const unfolded: Check = {
  name: 'unfolded',
  run() {
    const conditions = makeConditions()
    const text = conditions.map((condition) => `permit (principal, action, resource) when { ${condition} };`).join('\n')
    const { policies } = parsePolicies(text, { ids: 'position' })
    if (policies.length !== conditions.length) return 'a condition is none'
    const request = {
      principal: ANN,
      action: entityUid('Action', 'view'),
      resource: entityUid('Doc', '1'),
      context: new Map(Object.entries({ ...VALUES, ...RANGES })),
      entities: createEntities([{ uid: ANN, parents: [entityUid('Team', 'ann')] }]),
    }
    const [first, ...others] = EVALUATORS.map(({ compile }) => {
      const { determining, errors } = decide(compile(policies, {}), request)
      return [
        ...determining.map((id) => `${id} holds`),
        ...errors.map(({ policy, code }) => `${policy} errs by ${code}`),
      ]
    })
    for (const other of others) {
      const differing = new Set(first).symmetricDifference(new Set(other))
      const [one] = differing
      if (one !== undefined) return `${conditions[Number(/\d+/.exec(one)?.[0])]}: ${one}, says one evaluator only`
    }
    return undefined
  },
}

function makeConditions(): readonly string[] {
  const pairs = OPERANDS.flatMap((left) =>
    OPERANDS.flatMap((right) => [
      ...INFIX.map((sign) => `${left} ${sign} ${right}`),
      `if ${left} then ${right} else true`,
      `(if context.f then true else ${left}) == ${right}`,
      `(if context.f then true else ${left}) && ${right}`,
    ]),
  )
  const names = Object.keys(RANGES)
  const ranges = names.flatMap((inner) => names.map((outer) => `context.${inner}.isInRange(context.${outer})`))
  const wholes = [...OPERANDS, ...pairs, ...ranges, ...names.map((name) => `context.s.isInRange(context.${name})`)]
  return [...wholes, ...wholes.flatMap((whole) => [`!(${whole})`, `(${whole}) || true`, `(${whole}) == false`])]
}

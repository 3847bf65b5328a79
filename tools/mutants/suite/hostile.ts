// Requests that no caller of the typed interface can make: deciding on them is a deny and never a throw.

import { compileProgram, createEntities, decide, entityUid, parsePolicies, type Request } from '@cardea/policy'
import { EVALUATORS } from '../../../conformance/engine.ts'
import type { Check } from './check.ts'

const TEXT = `permit (principal, action, resource);
forbid (principal, action, resource) when { context.a > 1 || resource.b.c like "*" };
@id("t") permit (principal in ?principal, action, resource == ?resource);`

const GOOD: Request = {
  principal: entityUid('User', 'a'),
  action: entityUid('Action', 'view'),
  resource: entityUid('Doc', 'b'),
  context: new Map(),
  entities: createEntities([]),
}

const throwing = {
  get: () => {
    throw new Error('no connection')
  },
}

/** Each is put in the place of each part of a request. */
const ODD: readonly unknown[] = [
  undefined,
  null,
  0,
  'text',
  [],
  {},
  () => 0,
  Symbol('s'),
  throwing,
  new Proxy({}, throwing),
]

export const hostile: Check = {
  name: 'hostile',
  run() {
    const { policies } = parsePolicies(TEXT)
    for (const { name, compile } of EVALUATORS) {
      const program = compile(policies, {})
      for (const part of ['principal', 'action', 'resource', 'context', 'entities'] as const) {
        for (const odd of ODD) {
          const { decision } = decide(program, { ...GOOD, [part]: odd })
          if (decision !== 'deny') return `${name}: allows with an odd ${part}`
        }
      }
    }
    return compileProgram([]).policies.length === 0 ? undefined : 'an empty program has policies'
  },
}

// Decisions by hand, by every evaluator: what generated scenarios come to rarely or never.

import {
  createEntities,
  createLinks,
  createSchema,
  type EntityUid,
  decide,
  entityUid,
  parsePolicies,
  type Request,
  type SchemaDefinition,
  type Value,
} from '@cardea/policy'
import { EVALUATORS } from '../../../conformance/engine.ts'
import type { Check } from './check.ts'

const ANN = entityUid('User', 'ann')
const TEAM = entityUid('Team', 't')
const DOC = entityUid('Doc', '1')
const FOLDER = entityUid('Folder', 'f')
const VIEW = entityUid('Action', 'view')
const ENTITIES = createEntities([
  { uid: ANN, parents: [TEAM] },
  { uid: DOC, parents: [FOLDER], attributes: { open: true } },
])
const CONTEXT: { readonly [name: string]: Value } = {
  t: true,
  f: false,
  first: { kind: 'datetime', milliseconds: -(2n ** 63n) },
}

const SCHEMA: SchemaDefinition = {
  entities: {
    User: { parents: ['Team'], attributes: {} },
    Team: { parents: [], attributes: {} },
    Doc: { parents: ['Folder'], attributes: { open: { type: 'Bool' } } },
    Folder: { parents: [], attributes: {} },
  },
  actions: {
    reading: { uid: { type: 'Action', id: 'reading' }, memberOf: [], principals: [], resources: [], context: {} },
    view: {
      uid: { type: 'Action', id: 'view' },
      memberOf: [{ type: 'Action', id: 'reading' }],
      principals: ['User'],
      resources: ['Doc'],
      context: {},
    },
  },
}

/** What a policy (or a template with its links) decides; `error`: a deny because the only policy erred. */
const ROWS: readonly Row[] = [
  ['permit (principal == Team::"t", action, resource);', 'deny'],
  ['permit (principal in Team::"t", action, resource);', 'allow'],
  ['permit (principal, action, resource == Folder::"f");', 'deny'],
  ['permit (principal, action, resource in Folder::"f");', 'allow'],
  ['@id("t") permit (principal == ?principal, action, resource in Folder::"f");', 'allow', [{ principal: ANN }]],
  ['@id("t") permit (principal == ?principal, action, resource in Folder::"g");', 'deny', [{ principal: ANN }]],
  ['@id("t") permit (principal == ?principal, action, resource == Folder::"f");', 'deny', [{ principal: ANN }]],
  ['@id("t") permit (principal == ?principal, action, resource);', 'deny', [{ principal: TEAM }]],
  ['@id("t") permit (principal in ?principal, action, resource);', 'allow', [{ principal: TEAM }]],
  ['@id("t") permit (principal in Team::"t", action, resource in ?resource);', 'allow', [{ resource: FOLDER }]],
  ['@id("t") permit (principal in Team::"u", action, resource in ?resource);', 'deny', [{ resource: FOLDER }]],
  ['@id("t") permit (principal, action, resource == ?resource);', 'deny', [{ resource: FOLDER }]],
  [when('action in Action::"reading"'), 'allow'],
  [when('action in [Action::"reading"]'), 'allow'],
  [when('action in Action::"writing"'), 'deny'],
  // long enough for a loop
  ...(['&&', '||'] as const).flatMap((sign): Row[] => {
    const [neutral, decisive] = sign === '&&' ? ['t', 'f'] : ['f', 't']
    const chain = [neutral, neutral, neutral].map((name) => `context.${name}`)
    const answer = (holds: boolean): Row[1] => (holds ? 'allow' : 'deny')
    return [
      [when(chain.join(` ${sign} `)), answer(sign === '&&')],
      [when(`!(${chain.join(` ${sign} `)})`), answer(sign !== '&&')],
      ...chain.flatMap((_, at): Row[] => {
        const decided = chain.with(at, `context.${decisive}`)
        const negated = chain.with(at, `!context.${neutral}`)
        return [
          ...[decided, negated].flatMap((parts): Row[] => [
            [when(parts.join(` ${sign} `)), answer(sign !== '&&')],
            [when(`!(${parts.join(` ${sign} `)})`), answer(sign === '&&')],
          ]),
          [when(`!(${chain.with(at, 'context.first').join(` ${sign} `)})`), 'error'],
          [when(`!(${chain.with(at, '!context.absent').join(` ${sign} `)})`), 'error'],
        ]
      }),
    ]
  }),
  [when('context.first.toDate() == context.first'), 'error'],
  [when('context.first.toTime() >= duration("0ms")'), 'allow'],
]

type Row = readonly [
  text: string,
  answer: 'allow' | 'deny' | 'error',
  links?: readonly { readonly principal?: EntityUid; readonly resource?: EntityUid }[],
]

const REQUEST: Request = {
  principal: ANN,
  action: VIEW,
  resource: DOC,
  context: new Map(Object.entries(CONTEXT)),
  entities: ENTITIES,
}

export const byHand: Check = {
  name: 'by hand',
  run() {
    const schema = createSchema(SCHEMA)
    for (const { name, compile } of EVALUATORS) {
      for (const [text, expected, links = []] of ROWS) {
        const { policies } = parsePolicies(text, { ids: links.length === 0 ? 'position' : 'annotation' })
        const made = links.map((link, at) => ({ ...link, id: `link${at}`, template: 't' }))
        const own = decide(compile(policies, { schema }), { ...REQUEST, links: createLinks(made) })
        const shared = decide(compile(policies, { schema, links: made }), REQUEST)
        for (const { decision, errors } of [own, shared]) {
          const answer = errors.length > 0 ? 'error' : decision
          if (answer !== expected) return `${name}: ${text} is ${answer}, not ${expected}`
        }
      }
      // loaded with the request, and nowhere else
      const loaded = { ...REQUEST, resourceEntity: ENTITIES.get(DOC), entities: createEntities([]) }
      const { policies } = parsePolicies(when('resource.open && resource in Folder::"f"'))
      if (decide(compile(policies, {}), loaded).decision !== 'allow') return `${name}: a loaded resource is not used`
    }
    return undefined
  },
}

function when(condition: string): string {
  return `permit (principal, action, resource) when { ${condition} };`
}

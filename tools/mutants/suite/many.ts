// Asking for all actions at once is asking for each: with more actions than a number has bits, contexts that differ, grants, callers who
// come back with another list, and what errs.

import {
  allowedActions,
  type ActionsQuestion,
  createEntities,
  createLinks,
  createSchema,
  decide,
  type EntityUid,
  entityUid,
  parsePolicies,
  type Program,
  type SchemaDefinition,
  type Value,
} from '@cardea/policy'
import { EVALUATORS } from '../../../conformance/engine.ts'
import type { Check } from './check.ts'

const uid = (type: string, id: string): EntityUid => entityUid(type, id)
const NAMES = Array.from({ length: 40 }, (_, index) => `a${index}`)
const GROUPS = ['g0', 'g1', 'g2']
const DEFINITION: SchemaDefinition = {
  entities: Object.fromEntries(
    ['User', 'Team', 'Doc', 'Folder'].map((name) => [name, { parents: [], attributes: {} }]),
  ),
  actions: Object.fromEntries(
    [...GROUPS, ...NAMES].map((id, index) => {
      const isGroup = id.startsWith('g')
      return [
        id,
        {
          uid: { type: 'Action', id },
          memberOf: isGroup ? [] : [{ type: 'Action', id: GROUPS[index % 3] ?? '' }],
          principals: isGroup ? [] : ['User'],
          resources: isGroup ? [] : index % 4 === 0 ? ['Doc', 'Folder'] : ['Doc'],
          context: {},
        },
      ]
    }),
  ),
}

const TEXT = `
permit (principal == User::"a", action == Action::"a32", resource);
permit (principal, action == Action::"a38", resource) when { context.n == 1 };
permit (principal in Team::"t", action in Action::"g1", resource);
permit (principal, action in [Action::"g2", Action::"a30"], resource in Folder::"f") when { context.n > 0 };
permit (principal, action in Action::"g0", resource == Doc::"a");
permit (principal, action, resource is Doc) when { action == Action::"a7" || action == Action::"a31" };
permit (principal, action, resource) when { context.absent };
forbid (principal, action == Action::"a4", resource);
forbid (principal, action in Action::"g1", resource == Doc::"b");
forbid (principal, action in Action::"g2", resource) when { context.n == 3 };
forbid (principal, action == Action::"a33", resource in Folder::"f");
forbid (principal, action == Action::"a9", resource) when { context.n > "text" };
@id("t1") permit (principal == ?principal, action in Action::"g0", resource == ?resource) when { context.n == 2 };
@id("t2") permit (principal in ?principal, action == Action::"a36", resource in ?resource);
@id("t3") forbid (principal, action in Action::"g1", resource in ?resource);`

const ENTITIES = createEntities([
  { uid: uid('User', 'a'), parents: [uid('Team', 't')] },
  { uid: uid('User', 'b') },
  { uid: uid('Doc', 'a') },
  { uid: uid('Doc', 'b'), parents: [uid('Folder', 'f')] },
  { uid: uid('Doc', 'c'), parents: [uid('Folder', 'f'), uid('Folder', 'h')] },
])
const LINKS = createLinks([
  { id: 'l1', template: 't1', principal: uid('User', 'b'), resource: uid('Doc', 'c') },
  { id: 'l2', template: 't2', principal: uid('Team', 't'), resource: uid('Folder', 'f') },
  { id: 'l3', template: 't3', resource: uid('Folder', 'h') },
  { id: 'l4', template: 't2', principal: uid('User', 'b'), resource: uid('Doc', 'a'), untilSeconds: 10 },
  { id: 'l5', template: 't1', principal: uid('User', 'a'), resource: uid('Folder', 'f') },
])
const ACTIONS = NAMES.map((id) => uid('Action', id))
/** The first is short enough to be remembered. */
const LISTS = [ACTIONS.toReversed().slice(0, 28), undefined, ACTIONS]
const contextOf = ({ id }: EntityUid): ReadonlyMap<string, Value> => new Map([['n', Number(id.slice(1)) % 4]])

export const many: Check = {
  name: 'many',
  run() {
    const { policies } = parsePolicies(TEXT)
    const schema = createSchema(DEFINITION)
    for (const { name, compile } of EVALUATORS) {
      for (const forbidErrors of ['deny', 'skip'] as const) {
        // two programs that share callers
        const programs = [policies, policies.slice(2)].map((some) => compile(some, { schema, forbidErrors }))
        for (const actions of LISTS) {
          for (const program of programs) {
            const failure = failureOf(program, actions)
            if (failure !== undefined) return `${name}, ${forbidErrors}: ${failure}`
          }
        }
      }
    }
    return undefined
  },
}

function failureOf(program: Program, actions: (typeof LISTS)[number]): string | undefined {
  for (const question of questions(actions)) {
    const { contextOf, actions: _, ...request } = question
    const { principal, resource, context } = request
    const asked = actions ?? ACTIONS.filter(({ id }) => applies(id, resource))
    const expected = asked
      .filter(
        (action) =>
          decide(program, { ...request, action, context: contextOf?.(action) ?? context }).decision === 'allow',
      )
      .map(({ id }) => id)
      .join()
    const got = allowedActions(program, question)
      .map(({ id }) => id)
      .join()
    if (got !== expected) return `${principal.id} on ${resource.id} may ${expected}, is told ${got}`
  }
  return undefined
}

function applies(id: string, { type }: EntityUid): boolean {
  const action = DEFINITION.actions[id]
  return action?.resources.includes(type) === true
}

function* questions(actions: (typeof LISTS)[number]): Generator<ActionsQuestion> {
  const [own, contexts] = [ENTITIES.get(uid('User', 'a')), [1, 2].map((n) => new Map<string, Value>([['n', n]]))]
  for (const resource of [uid('Doc', 'a'), uid('Doc', 'b'), uid('Doc', 'c'), uid('Folder', 'f')]) {
    for (const principal of [uid('User', 'a'), uid('User', 'b')]) {
      const base = { principal, resource, entities: ENTITIES, ...(actions === undefined ? {} : { actions }) }
      for (const [at, context] of contexts.entries()) yield { ...base, context, links: LINKS, nowSeconds: 9 + at }
      yield { ...base, context: new Map(), contextOf, links: LINKS }
      // one entity handed out for another principal
      yield { ...base, context: new Map(), contextOf, principalEntity: own }
    }
  }
}

// A program: checked policies with their links, compiled and indexed by action, types and the entity named in the scope.
// INVARIANT: deciding with the index gives what testing every policy one by one would give.

import { checkProgram } from '../check/program.ts'
import { NO_ENTITIES } from '../entity/entities.ts'
import type { Entities, Entity } from '../entity/entities.ts'
import { addTo, UidMap } from '../entity/uid-map.ts'
import { PolicyError } from '../errors.ts'
import type { Schema } from '../schema/schema.ts'
import type { Expression, Policy } from '../syntax/tree.ts'
import type { EntityUid } from '../value/value.ts'
import { createActionIndex, createOpenRules } from './action-index.ts'
import type { ActionIndex, KnownTypes } from './action-index.ts'
import { closures } from './evaluator.ts'
import type { Evaluator } from './evaluator.ts'
import { createLinks } from './links.ts'
import type { Links, TemplateLink } from './links.ts'
import { Rule } from './rule.ts'
import { actionTest } from './scope.ts'
import { Shortlist, Shortlists } from './shortlist.ts'
import type { Asked } from './shortlist.ts'

/** What an erroring `forbid` does: `deny` refuses the request; `skip` is Cedar's own rule, which ignores it. */
export type ForbidErrors = 'deny' | 'skip'

export interface ProgramOptions {
  readonly schema?: Schema
  /** Links that always count; a caller's own grants are given with the request. */
  readonly links?: readonly TemplateLink[]
  readonly forbidErrors?: ForbidErrors
  /** How conditions are run: closures by default, or `codegen` of `@cardea/policy/codegen`. */
  readonly evaluator?: Evaluator
}

export interface Program {
  /** In the order given. */
  readonly policies: readonly Policy[]
  readonly forbidErrors: ForbidErrors
  readonly schema: Schema | undefined
  readonly links: Links
  /** For the engine: how policies are found. */
  readonly index: ProgramIndex
}

export interface ProgramIndex {
  readonly rules: readonly Rule[]
  readonly ruleOf: ReadonlyMap<string, Rule>
  /** The schema's action hierarchy. */
  readonly actions: Entities
  /** Of an action whose groups are known. One that neither schema nor policies name has the policies for all actions. */
  readonly ofAction: (action: EntityUid) => ActionIndex
  readonly shortlists: Shortlists
  /** For an action whose groups are known only from the request's entities: every rule, with its action tested. */
  readonly anyAction: ActionIndex
}

/** The index of the request's action. */
export function actionIndexOf({ index, schema }: Program, action: EntityUid, entities: Entities): ActionIndex {
  if (schema === undefined && hasGroups(entities.get(action))) return index.anyAction
  return index.ofAction(action)
}

/** What could concern the request. Remembered, unless the action's groups come with the request. */
export function shortlistOf(program: Program, asked: Asked & { readonly entities: Entities }): Shortlist {
  const { index, schema } = program
  const { action, entities } = asked
  if (schema === undefined && hasGroups(entities.get(action))) return new Shortlist(asked, index.anyAction)
  return index.shortlists.get(asked, index.ofAction)
}

/**
 * Compiles policies. With a schema, action groups are the schema's; without one they come from each request's entities.
 * Error: `ERR_POLICY_SOURCES` with all problems: duplicate ids, links that fit no template, expressions nested too deeply.
 */
export function compileProgram(policies: readonly Policy[], options: ProgramOptions = {}): Program {
  const links = options.links ?? []
  const problems = checkProgram(policies, links)
  if (problems.length > 0) {
    throw new PolicyError('ERR_POLICY_SOURCES', 'the policies cannot be compiled', { problems })
  }
  const { schema, evaluator = closures } = options
  // one that cannot work here says so now, not at the first decision
  evaluator.compile(ALWAYS)
  return Object.freeze({
    policies: Object.freeze([...policies]),
    forbidErrors: options.forbidErrors ?? 'deny',
    schema,
    links: createLinks(links),
    index: createIndex(
      policies.map((policy, order) => new Rule(policy, order, evaluator)),
      schema,
      evaluator,
    ),
  })
}

const ALWAYS: Expression = { kind: 'literal', value: true, span: { file: '', start: 0, end: 0 } }

function createIndex(rules: readonly Rule[], schema: Schema | undefined, evaluator: Evaluator): ProgramIndex {
  const actions = schema?.actionEntities ?? NO_ENTITIES
  const open = createOpenRules(rules.filter(({ policy }) => policy.action.kind === 'all'))
  const shared = { open, types: knownTypes(rules, schema), evaluator }
  const known = knownActions(rules, schema)
  const named = groupByAction(rules, known, actions)
  const byAction = new UidMap<ActionIndex>()
  for (const action of known) byAction.set(action, createActionIndex(named.get(action) ?? [], shared))
  const otherActions = createActionIndex([], shared)
  return {
    rules,
    ruleOf: new Map(rules.map((rule) => [rule.id, rule])),
    actions,
    ofAction: (action) => byAction.get(action) ?? otherActions,
    shortlists: new Shortlists(),
    anyAction: createActionIndex(rules, { ...shared, open: createOpenRules([]) }, ({ policy }) =>
      actionTest(policy.action),
    ),
  }
}

function hasGroups(action: Entity | undefined): boolean {
  return action !== undefined && action.ancestors.size > 0
}

/** Which rules concern each known action; a rule for a group concerns each of its members once. */
function groupByAction(rules: readonly Rule[], known: readonly EntityUid[], actions: Entities): UidMap<Rule[]> {
  const members = new UidMap<EntityUid[]>()
  for (const action of known) {
    addTo(members, action, action)
    for (const [type, ids] of actions.get(action)?.ancestors ?? []) {
      for (const id of ids) addTo(members, { kind: 'entity', type, id }, action)
    }
  }
  const byAction = new UidMap<Rule[]>()
  for (const rule of rules) {
    for (const action of actionsOf(rule)) addTo(byAction, action, rule)
  }
  return byAction

  function actionsOf({ policy: { action } }: Rule): Iterable<EntityUid> {
    if (action.kind === 'equal') return [action.entity]
    return action.kind === 'in' ? new Set(action.entities.flatMap((entity) => members.get(entity) ?? [])) : []
  }
}

/** Every action that the schema or a policy names, once and as the same object. */
function knownActions(rules: readonly Rule[], schema: Schema | undefined): EntityUid[] {
  const known = new UidMap<EntityUid>()
  for (const { uid } of Object.values(schema?.definition.actions ?? {}))
    known.set({ kind: 'entity', ...uid }, { kind: 'entity', ...uid })
  for (const {
    policy: { action },
  } of rules) {
    const named = action.kind === 'equal' ? [action.entity] : action.kind === 'in' ? action.entities : []
    for (const uid of named) if (known.get(uid) === undefined) known.set(uid, uid)
  }
  return [...known.values()]
}

function knownTypes(rules: readonly Rule[], schema: Schema | undefined): KnownTypes {
  const declared = Object.keys(schema?.definition.entities ?? {})
  const named = (side: 'principal' | 'resource') =>
    rules.flatMap(({ policy }) => (policy[side].kind === 'is' ? [policy[side].type] : []))
  return {
    principal: new Set([...declared, ...named('principal')]),
    resource: new Set([...declared, ...named('resource')]),
  }
}

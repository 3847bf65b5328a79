// A policy as what the checks compare: its scope and conditions, each in canonical form, and the ways in which all of them hold.

import {
  type ActionScope,
  type EntityUid,
  type Expression,
  foldConstants,
  type Policy,
  type Schema,
  type Scope,
  setValue,
  type SlotReference,
  type Span,
} from '@cardea/policy'
import { canonical } from './canonical.ts'
import { bothOf, type Cube, cubesOf, simplest } from './cubes.ts'
import { actionNames, type Domain, narrow, typesPart, wholeDomain } from './domain.ts'
import { slotTerm } from './slot.ts'
import { createTyping, type Typing } from './typing.ts'

export interface PolicyForm {
  readonly policy: Policy
  /** Of the requests that the scope lets through. */
  readonly typing: Typing
  /** What must be true, in the order in which it is asked. */
  readonly parts: readonly Part[]
  /** The ways in which the policy is true; `undefined` when they are too many. */
  readonly holds: readonly Cube[] | undefined
}

/** A part of the scope, or a condition. */
export interface Part {
  /** In canonical form; of an `unless`, what must be true. */
  readonly node: Expression
  readonly span: Span
  /** For its own canonical form. */
  readonly typing: Typing
}

/** Makes forms; what depends on the schema alone, or on a scope that several policies have, is made once. */
export function createForms(schema: Schema): (policy: Policy) => PolicyForm {
  const whole = createTyping(schema, wholeDomain(schema))
  const scoped = new Map<string, Typing>()
  return (policy) => {
    const key = [scopeKey(policy.principal), actionKey(policy.action), scopeKey(policy.resource)].join(' ')
    const action = typingFor(actionKey(policy.action), scoped, () => actionDomain(policy.action, whole), schema)
    const typing = typingFor(`${key}.`, scoped, () => scopeDomain(policy, action), schema)
    const parts = [
      ...actionParts(policy.action, whole),
      ...sideParts('principal', policy.principal, action),
      ...sideParts('resource', policy.resource, action),
      ...policy.conditions.map(({ kind, body, span }): Part => {
        const folded = foldConstants(kind === 'when' ? body : { kind: 'not', operand: body, span: body.span })
        return { node: canonical(folded, typing), span, typing }
      }),
    ]
    const holds = parts.reduce<readonly Cube[] | undefined>(
      (sofar, { node, typing: own }) => bothOf(sofar, cubesOf(node, true, own)),
      [new Map()],
    )
    return { policy, typing, parts, holds: holds === undefined ? undefined : simplest(holds) }
  }
}

/** The ways in which the policy is false; `undefined` when they are too many. Where it is neither, it errs. */
export function failingCubes({ parts }: PolicyForm): readonly Cube[] | undefined {
  let before: readonly Cube[] | undefined = [new Map()]
  let failing: readonly Cube[] | undefined = []
  for (const { node, typing } of parts) {
    const fails = cubesOf(node, false, typing)
    const reached = bothOf(before, fails)
    if (failing === undefined || reached === undefined) return undefined
    failing = [...failing, ...reached]
    // what cannot err need not be known to be true for what comes after it to matter
    if (!typing.isSafe(node)) before = bothOf(before, cubesOf(node, true, typing))
  }
  return simplest(failing)
}

function typingFor(key: string, known: Map<string, Typing>, domain: () => Domain, schema: Schema): Typing {
  let typing = known.get(key)
  if (typing === undefined) known.set(key, (typing = createTyping(schema, domain())))
  return typing
}

function actionParts(scope: ActionScope, typing: Typing): Part[] {
  const { kind, span } = scope
  if (kind === 'all') return []
  const action: Expression = { kind: 'variable', name: 'action', span }
  const right: Expression = {
    kind: 'literal',
    value: kind === 'equal' ? scope.entity : setValue(scope.entities),
    span,
  }
  return [{ node: canonical({ kind, left: action, right, span }, typing), span, typing }]
}

function sideParts(name: 'principal' | 'resource', scope: Scope, typing: Typing): Part[] {
  const { span } = scope
  const left: Expression = { kind: 'variable', name, span }
  const parts: Expression[] = []
  if (scope.kind === 'is') parts.push({ kind: 'is', of: left, type: scope.type, span })
  const entity = scope.kind === 'all' ? undefined : scope.kind === 'is' ? scope.in : scope.entity
  if (entity !== undefined) {
    parts.push({ kind: scope.kind === 'equal' ? 'equal' : 'in', left, right: entityTerm(entity, span), span })
  }
  return parts.map((node) => ({ node: canonical(node, typing), span, typing }))
}

function entityTerm(entity: EntityUid | SlotReference, span: Span): Expression {
  return entity.kind === 'slot' ? slotTerm(entity.slot) : { kind: 'literal', value: entity, span }
}

function actionDomain(scope: ActionScope, { schema, domain }: Typing): Domain {
  if (scope.kind === 'all') return domain
  const isEqual = scope.kind === 'equal'
  return narrow(domain, { actions: actionNames(isEqual ? [scope.entity] : scope.entities, !isEqual, schema) }, schema)
}

function scopeDomain({ principal, resource }: Policy, typing: Typing): Domain {
  const { schema, domain } = typing
  const narrowed = narrow(domain, typesPart('principal', scopeTypes(principal, domain.principals, typing)), schema)
  return narrow(narrowed, typesPart('resource', scopeTypes(resource, domain.resources, typing)), schema)
}

/** The types that a scope leaves. What fills a slot may be of any type. */
function scopeTypes(scope: Scope, types: ReadonlySet<string>, { canBeIn }: Typing): ReadonlySet<string> {
  const entity = scope.kind === 'all' ? undefined : scope.kind === 'is' ? scope.in : scope.entity
  const ofType = scope.kind === 'is' ? types.intersection(new Set([scope.type])) : types
  if (entity === undefined || entity.kind === 'slot') return ofType
  if (scope.kind === 'equal') return ofType.intersection(new Set([entity.type]))
  return new Set([...ofType].filter((type) => type === entity.type || canBeIn(type, entity.type)))
}

function scopeKey(scope: Scope): string {
  const entity = scope.kind === 'all' ? undefined : scope.kind === 'is' ? scope.in : scope.entity
  const type = entity === undefined ? '' : entity.kind === 'slot' ? '?' : entity.type
  return `${scope.kind}(${scope.kind === 'is' ? scope.type : ''},${type})`
}

function actionKey(scope: ActionScope): string {
  if (scope.kind === 'all') return 'all'
  const entities = scope.kind === 'equal' ? [scope.entity] : scope.entities
  return `${scope.kind}${JSON.stringify(entities.map(({ type, id }) => [type, id]))}`
}

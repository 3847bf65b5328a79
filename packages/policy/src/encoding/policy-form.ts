// How a policy is encoded: file, span, id, effect, annotations, scope, conditions. Its slots are those of its scope.

import type { ActionScope, Condition, Policy, Scope, Slot } from '../syntax/tree.ts'
import { readNode, writeNode } from './node-forms.ts'
import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

const EFFECTS = ['permit', 'forbid'] as const
const CONDITIONS = ['when', 'unless'] as const

/** What a scope begins with. `isIn` is `is Type in entity`, `inList` is `in [...]`. */
const SCOPES = { all: 0, equal: 1, in: 2, is: 3, isIn: 4, inList: 5 } as const

export function writePolicy(policy: Policy, fileIndex: number, writer: Writer): void {
  writer.file(policy.span.file, fileIndex)
  writer.span(policy.span)
  writer.text(policy.id)
  writer.integer(EFFECTS.indexOf(policy.effect))
  writer.integer(policy.annotations.size)
  for (const [name, value] of policy.annotations) {
    writer.text(name)
    writer.text(value)
  }
  writeScope(policy.principal, writer)
  writeActionScope(policy.action, writer)
  writeScope(policy.resource, writer)
  writer.integer(policy.conditions.length)
  for (const { kind, body, span } of policy.conditions) {
    writer.integer(CONDITIONS.indexOf(kind))
    writer.span(span)
    writeNode(body, writer)
  }
}

/** Error: `ERR_POLICY_ENCODING` and its kin. */
export function readPolicy(reader: Reader): Policy {
  reader.file()
  const span = reader.span()
  const id = reader.text()
  const effect = reader.below(2) === 0 ? 'permit' : 'forbid'
  const annotations = readAnnotations(reader)
  const principal = readScope(reader, 'principal')
  const action = readActionScope(reader)
  const resource = readScope(reader, 'resource')
  const conditions = reader.list(readCondition)
  const slots = slotsOf(principal, resource)
  return { id, effect, annotations, principal, action, resource, conditions, slots, span }
}

function readAnnotations(reader: Reader): Policy['annotations'] {
  const count = reader.count()
  if (count === 0) return NO_ANNOTATIONS
  const annotations = new Map<string, string>()
  for (let left = count; left > 0; left--) annotations.set(reader.text(), reader.text())
  return annotations.size === count ? annotations : reader.fail('an annotation twice')
}

const NO_ANNOTATIONS: Policy['annotations'] = new Map()

function readCondition(reader: Reader): Condition {
  const kind = reader.below(2) === 0 ? 'when' : 'unless'
  const span = reader.span()
  return { kind, body: readNode(reader), span }
}

function writeScope(scope: Scope, writer: Writer): void {
  const isIn = scope.kind === 'is' && scope.in !== undefined
  writer.integer(isIn ? SCOPES.isIn : SCOPES[scope.kind])
  writer.span(scope.span)
  if (scope.kind === 'is') {
    writer.text(scope.type)
    if (scope.in !== undefined) writer.reference(scope.in)
  } else if (scope.kind !== 'all') writer.reference(scope.entity)
}

function readScope(reader: Reader, slot: Slot): Scope {
  const form = reader.integer()
  const span = reader.span()
  switch (form) {
    case SCOPES.all:
      return { kind: 'all', span }
    case SCOPES.equal:
      return { kind: 'equal', entity: reader.reference(slot), span }
    case SCOPES.in:
      return { kind: 'in', entity: reader.reference(slot), span }
    case SCOPES.is:
      return { kind: 'is', type: reader.type(), span }
    case SCOPES.isIn:
      return { kind: 'is', type: reader.type(), in: reader.reference(slot), span }
    default:
      return reader.fail('a scope of unknown kind', 'ERR_POLICY_ENCODING_KIND')
  }
}

function writeActionScope(scope: ActionScope, writer: Writer): void {
  writer.integer(scope.kind === 'in' && scope.list ? SCOPES.inList : SCOPES[scope.kind])
  writer.span(scope.span)
  if (scope.kind === 'equal') writer.entity(scope.entity)
  if (scope.kind !== 'in') return
  if (scope.list) writer.integer(scope.entities.length)
  for (const entity of scope.entities) writer.entity(entity)
}

function readActionScope(reader: Reader): ActionScope {
  const form = reader.integer()
  const span = reader.span()
  switch (form) {
    case SCOPES.all:
      return { kind: 'all', span }
    case SCOPES.equal:
      return { kind: 'equal', entity: reader.entity(), span }
    case SCOPES.in:
      return { kind: 'in', entities: [reader.entity()], list: false, span }
    case SCOPES.inList:
      return { kind: 'in', entities: reader.list(() => reader.entity()), list: true, span }
    default:
      return reader.fail('a scope of unknown kind', 'ERR_POLICY_ENCODING_KIND')
  }
}

/** One of four lists, which all policies share. */
function slotsOf(principal: Scope, resource: Scope): readonly Slot[] {
  if (hasSlot(principal)) return hasSlot(resource) ? BOTH : PRINCIPAL
  return hasSlot(resource) ? RESOURCE : NONE
}

const NONE: readonly Slot[] = Object.freeze([])
const PRINCIPAL: readonly Slot[] = Object.freeze(['principal'])
const RESOURCE: readonly Slot[] = Object.freeze(['resource'])
const BOTH: readonly Slot[] = Object.freeze(['principal', 'resource'])

function hasSlot(scope: Scope): boolean {
  if (scope.kind === 'all') return false
  const reference = scope.kind === 'is' ? scope.in : scope.entity
  return reference?.kind === 'slot'
}

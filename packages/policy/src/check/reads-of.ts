// Finds what a policy reads.
// INVARIANT: where missing knowledge about the principal could open something (in a `forbid`, an `unless`, under a negation, in
// the test of an `if`, in a comparison of sets), the read is `restrictive`: unknown must not pass for absent.

import { namedEntity } from '../compile/scope.ts'
import { NOTHING_DECLARED } from '../operator/prove.ts'
import { proofOf } from '../operator/table.ts'
import { isBoolean } from '../operator/type-of.ts'
import type { Schema } from '../schema/schema.ts'
import type { ActionScope, Binary, Expression, Policy } from '../syntax/tree.ts'
import { childrenOf } from './children.ts'
import { createNotes } from './read-notes.ts'
import type { Notes } from './read-notes.ts'
import type { Reads } from './reads.ts'
import { besidesSources, sourcesOf } from './sources.ts'
import type { Source } from './sources.ts'

/** Of policies before any request. */
const PROOF = proofOf(NOTHING_DECLARED)

/** What the policy reads. A schema tells records from references along a path, and which types an entity may have. */
export function readsOf(policy: Policy, schema?: Schema): Reads {
  const notes = createNotes(policy, schema)
  const isForbid = policy.effect === 'forbid'
  const grantor = namedEntity(policy.principal)
  if (grantor !== undefined && policy.principal.kind !== 'equal') notes.ancestors([grantor.type], isForbid)
  for (const { kind, body } of policy.conditions) walk(body, isForbid || kind === 'unless', notes)
  return { ...notes.result(), actions: actionsOf(policy.action), slots: policy.slots }
}

function actionsOf(scope: ActionScope): Reads['actions'] {
  switch (scope.kind) {
    case 'all':
      return 'all'
    case 'equal':
      return [scope.entity]
    case 'in':
      return scope.entities
    default:
      return scope satisfies never
  }
}

function walk(node: Expression, restrictive: boolean, notes: Notes): void {
  switch (node.kind) {
    case 'variable':
      if (node.name === 'context') notes.source({ root: 'context', path: ['*'] }, restrictive)
      return
    case 'attribute':
      readPaths(node, sourcesOf(node), restrictive, notes)
      return
    case 'has':
      readPaths(node, extend(sourcesOf(node.of), node.path), restrictive, notes)
      return
    case 'and':
    case 'or':
    case 'containsAny':
      for (const child of childrenOf(node)) walk(child, restrictive, notes)
      return
    case 'if':
      walk(node.test, true, notes)
      walk(node.then, restrictive, notes)
      walk(node.else, restrictive, notes)
      return
    case 'not':
    case 'isEmpty':
      walk(node.operand, true, notes)
      return
    case 'contains':
      walk(node.left, restrictive, notes)
      walkValue(node.right, restrictive, notes)
      return
    case 'containsAll':
      walk(node.left, restrictive, notes)
      // fewer elements on this side make it true more often
      walk(node.right, true, notes)
      return
    case 'equal':
    case 'notEqual':
      readCompared(node, restrictive, notes)
      return
    case 'in':
      readMembership(node.left, node.right, restrictive, notes)
      return
    case 'is':
      if (node.in === undefined) walk(node.of, restrictive, notes)
      else readMembership(node.of, node.in, restrictive, notes)
      return
    case 'getTag':
    case 'hasTag':
      readTag(node, restrictive, notes)
      return
    case 'literal':
    case 'fault':
    case 'negate':
    case 'less':
    case 'lessEqual':
    case 'greater':
    case 'greaterEqual':
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'like':
    case 'set':
    case 'record':
    case 'call':
      for (const child of childrenOf(node)) walkValue(child, restrictive, notes)
      return
    default:
      node satisfies never
  }
}

/** An operand whose value is compared or computed with: a Bool there may count either way. */
function walkValue(node: Expression, restrictive: boolean, notes: Notes): void {
  walk(node, restrictive || isBoolean(node, PROOF) || notes.isNarrowable(sourcesOf(node)), notes)
}

/** A chain of attributes, and whatever stands inside it. */
function readPaths(node: Expression, sources: readonly Source[], restrictive: boolean, notes: Notes): void {
  for (const source of sources) notes.source(source, restrictive)
  const [base] = childrenOf(node)
  if (base === undefined) return
  const { tests, values } = besidesSources(base)
  for (const test of tests) walk(test, true, notes)
  for (const value of values) {
    // an attribute of a tag's value or of a constant: of some other entity, as far as can be seen from here
    if (value.kind !== 'record') notes.otherEntity(restrictive)
    walkValue(value, restrictive, notes)
  }
}

/** A set or record may lack what a token left out, and then equals what it should not. */
function readCompared({ left, right }: Binary, restrictive: boolean, notes: Notes): void {
  const isCollection = [left, right].some(
    (side) =>
      side.kind === 'set' ||
      side.kind === 'record' ||
      (side.kind === 'literal' && typeof side.value === 'object' && side.value.kind !== 'entity'),
  )
  walkValue(left, restrictive || isCollection, notes)
  walkValue(right, restrictive || isCollection, notes)
}

function readMembership(left: Expression, right: Expression, restrictive: boolean, notes: Notes): void {
  for (const { root, path } of sourcesOf(left)) {
    if (path.length > 0) notes.otherEntity(restrictive)
    else if (root === 'principal') notes.ancestors(typesOf(right, notes), restrictive)
  }
  if (sourcesOf(left).length === 0) notes.otherEntity(restrictive)
  walkValue(left, restrictive, notes)
  walk(right, restrictive, notes)
}

function typesOf(node: Expression, notes: Notes): readonly string[] {
  if (node.kind === 'literal') {
    const { value } = node
    if (typeof value !== 'object') return []
    if (value.kind === 'entity') return [value.type]
    return value.kind === 'set'
      ? value.elements.flatMap((element) =>
          typeof element === 'object' && element.kind === 'entity' ? [element.type] : [],
        )
      : []
  }
  if (node.kind === 'set') return node.elements.flatMap((element) => typesOf(element, notes))
  return notes.referencedTypes(sourcesOf(node))
}

function readTag({ left, right }: Binary, restrictive: boolean, notes: Notes): void {
  const sources = sourcesOf(left)
  for (const { root, path } of sources) {
    if (path.length > 0) notes.otherEntity(restrictive)
    else if (root === 'principal') notes.tags()
  }
  if (sources.length === 0) notes.otherEntity(restrictive)
  walkValue(left, restrictive, notes)
  walkValue(right, restrictive, notes)
}

function extend(sources: readonly Source[], path: readonly string[]): Source[] {
  return sources.map((source) => ({ root: source.root, path: [...source.path, ...path] }))
}

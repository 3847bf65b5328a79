// What an atom of a condition reads of the request, with the kinds of the values. A value itself is shown only where the schema marks
// what it was read of `@loggable`: whoever explains a deny must not tell what the caller may not know.

import { annotationOf } from '../annotation/annotations.ts'
import { childrenOf } from '../check/children.ts'
import { sourcesOf } from '../check/sources.ts'
import type { Source } from '../check/sources.ts'
import type { Evaluation } from '../operator/evaluation.ts'
import type { Result } from '../operator/fault.ts'
import { compileExpression } from '../operator/table.ts'
import type { AttributeDefinitions, TypeDefinition } from '../schema/definition.ts'
import { ownField } from '../schema/fields.ts'
import type { Schema } from '../schema/schema.ts'
import { printExpression } from '../print/print-policy.ts'
import type { Attribute, Expression, Has } from '../syntax/tree.ts'
import { formatValue } from '../value/format.ts'
import type { Operand, ValueKind } from './explanation.ts'

/** Operands that are listed of many. */
const MOST_OPERANDS = 8
/** Code units of a value; what is longer is cut. */
const LONGEST_VALUE = 200

/** What the atom reads, each once, in the order of the text. */
export function operandsOf(atom: Expression, evaluation: Evaluation, schema: Schema | undefined): readonly Operand[] {
  const operands = new Map<string, Operand>()
  for (const node of readsIn(atom)) {
    if (operands.size === MOST_OPERANDS) break
    const text = printExpression(node)
    if (!operands.has(text)) operands.set(text, operandOf(node, text, evaluation, schema))
  }
  return [...operands.values()]
}

function operandOf(node: Expression, text: string, evaluation: Evaluation, schema: Schema | undefined): Operand {
  const result = compileExpression(node)(evaluation)
  const kind = kindOf(result)
  if (typeof result === 'object' && result.kind === 'fault') return { text, kind }
  const sources = sourcesOf(node)
  const isShown = sources.length > 0 && sources.every((source) => isLoggable(source, evaluation, schema))
  return {
    text,
    kind,
    ...(typeof result === 'object' && result.kind === 'entity' ? { type: result.type } : {}),
    ...(isShown ? { value: cut(formatValue(result)) } : {}),
  }
}

/** The parts that read something: whole chains of attributes, tags, and the principal and the resource themselves. */
function readsIn(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case 'variable':
      return node.name === 'principal' || node.name === 'resource' ? [node] : []
    case 'attribute':
    case 'getTag':
      return [node]
    case 'has':
      return [pathOf(node)]
    case 'hasTag':
      return [{ ...node, kind: 'getTag' }]
    default:
      return childrenOf(node).flatMap(readsIn)
  }
}

/** `x has a.b` reads `x.a.b`. */
function pathOf({ of, path, span }: Has): Expression {
  return path.reduce<Expression>((holder, name): Attribute => ({ kind: 'attribute', of: holder, name, span }), of)
}

function kindOf(result: Result): ValueKind {
  switch (typeof result) {
    case 'boolean':
      return 'Bool'
    case 'string':
      return 'String'
    case 'object':
      break
    default:
      return 'Long'
  }
  switch (result.kind) {
    case 'fault':
      return FAULT_KINDS.get(result.code) ?? 'error'
    case 'entity':
      return 'Entity'
    case 'set':
      return 'Set'
    case 'record':
      return 'Record'
    default:
      return result.kind
  }
}

const FAULT_KINDS: ReadonlyMap<string, ValueKind> = new Map([
  ['ERR_POLICY_EVALUATION_ATTRIBUTE', 'absent'],
  ['ERR_POLICY_EVALUATION_TAG', 'absent'],
  ['ERR_POLICY_EVALUATION_ENTITY', 'unknown-entity'],
])

/**
 * Whether the schema marks the attribute that the path ends at, or a record around it. A mark on a reference shows the id, and nothing
 * of the entity behind it; a mark on an entity type shows the ids of its entities.
 */
function isLoggable({ root, path }: Source, evaluation: Evaluation, schema: Schema | undefined): boolean {
  if (schema === undefined) return false
  let type = rootType(root, evaluation, schema)
  let isMarked = false
  for (const name of path) {
    if (type?.type === 'Entity') isMarked = false
    const attributes = type === undefined ? undefined : attributesOf(type, schema)
    const attribute = attributes === undefined ? undefined : ownField(attributes, name)
    if (attribute === undefined) return false
    isMarked ||= annotationOf(attribute, 'loggable') !== undefined
    type = attribute
  }
  if (isMarked || type?.type !== 'Entity') return isMarked
  return annotationOf(schema.entityType(type.name) ?? {}, 'loggable') !== undefined
}

function rootType(root: Source['root'], evaluation: Evaluation, schema: Schema): TypeDefinition | undefined {
  switch (root) {
    case 'principal':
    case 'resource':
      return { type: 'Entity', name: evaluation[root].type }
    case 'context': {
      const action = schema.action(evaluation.action)
      return action === undefined ? undefined : { type: 'Record', attributes: action.context }
    }
    case 'action':
      return undefined
    default:
      return root satisfies never
  }
}

function attributesOf(type: TypeDefinition, schema: Schema): AttributeDefinitions | undefined {
  if (type.type === 'Record') return type.attributes
  return type.type === 'Entity' ? schema.entityType(type.name)?.attributes : undefined
}

function cut(text: string): string {
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE - 1).toWellFormed()}…`
}

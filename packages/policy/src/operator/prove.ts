// Proofs about expressions. They hold for every request that fits what is declared; with nothing declared, for every request.
// What a condition has found with `has` stays found where it was true: `resource has name && resource.name == "a"` never errs by
// absence.

import type { Expression } from '../syntax/tree.ts'
import type { TypeDefinition } from '../schema/definition.ts'
import { valueKey } from '../value/key.ts'
import type { Declarations, Field, Proof } from './operator.ts'

/** Nothing is known of any request. */
export const NOTHING_DECLARED: Declarations = {
  variable: () => undefined,
  entityType: () => undefined,
  ancestorTypes: () => undefined,
}

type Ask<T> = (node: Expression, prove: Proof) => T

export interface Questions {
  readonly typeOf: Ask<TypeDefinition | undefined>
  readonly neverErrs: Ask<boolean>
}

/** `present` is what was found, as `presentWhere` says it. */
export function createProof(questions: Questions, declared: Declarations, present: readonly string[] = []): Proof {
  const proof: Proof = {
    declared,
    typeOf: remember((node) => questions.typeOf(node, proof)),
    neverErrs: remember((node) => questions.neverErrs(node, proof)),
    isPresent: (of, name) => present.length > 0 && present.includes(presence(of, name)),
    assuming(condition, value) {
      const more = presentWhere(condition, value)
      return more.length === 0 ? proof : createProof(questions, declared, [...present, ...more])
    },
  }
  return proof
}

/** What the types declare of `of.name`. */
export function fieldOf(of: Expression, name: string, prove: Proof): Field {
  const type = prove.typeOf(of)
  const holder =
    type?.type === 'Record' ? type : type?.type === 'Entity' ? prove.declared.entityType(type.name) : undefined
  if (holder === undefined) return undefined
  return Object.hasOwn(holder.attributes, name) ? holder.attributes[name] : 'undeclared'
}

/** True when the value that would hold a field is there: an entity that is declared and named by the request, or a record. */
export function isThere(of: Expression, prove: Proof): boolean {
  if (of.kind === 'variable') return of.name !== 'action' && prove.declared.variable(of.name) !== undefined
  return prove.typeOf(of)?.type === 'Record' && prove.neverErrs(of)
}

/** The fields and tags that are there where the condition had the value. */
function presentWhere(node: Expression, value: boolean): readonly string[] {
  switch (node.kind) {
    case 'not':
      return presentWhere(node.operand, !value)
    case 'and':
    case 'or':
      if (value !== (node.kind === 'and')) return []
      return [...presentWhere(node.left, value), ...presentWhere(node.right, value)]
    case 'hasTag':
      return value ? [presence(node.left, node.right)] : []
    case 'has': {
      let { of } = node
      return node.path.flatMap((name) => {
        const found = presence(of, name)
        of = { kind: 'attribute', of, name, span: node.span }
        return value ? [found] : []
      })
    }
    default:
      return []
  }
}

/** The same for the same expression. */
function presence(of: Expression, name: string | Expression): string {
  return JSON.stringify([of, name], (field, part) => {
    if (IGNORED.has(field)) return undefined
    if (part instanceof Map) return [...part]
    return field === 'value' ? valueKey(part) : part
  })
}

/** Where a node is written and what is said of it beside: the same expression all the same. */
const IGNORED: ReadonlySet<string> = new Set(['span', 'message', 'valueType', 'canErr'])

function remember<T>(ask: (node: Expression) => T): (node: Expression) => T {
  const answers = new WeakMap<Expression, T>()
  return (node) => {
    let answer = answers.get(node)
    if (answer === undefined) answers.set(node, (answer = ask(node)))
    return answer
  }
}

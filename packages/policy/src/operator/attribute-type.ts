// The schema's type of an attribute of the unknown resource. Entities are checked against the schema before they are decided on, so
// a residual may rely on it.

import type { TypeDefinition } from '../schema/definition.ts'
import type { Expression } from '../syntax/tree.ts'
import type { PartialEvaluation } from './operator.ts'

/** The type of `resource.a` or `resource.a.b`; `undefined` when there is no schema, or for any other expression. */
export function attributeType(node: Expression, partial: PartialEvaluation): TypeDefinition | undefined {
  if (node.kind !== 'attribute') return undefined
  const { of, name } = node
  if (of.kind === 'variable' && of.name === 'resource' && partial.resourceType !== undefined) {
    return own(partial.schema?.entityType(partial.resourceType)?.attributes, name)
  }
  const holder = attributeType(of, partial)
  if (holder?.type === 'Record') return own(holder.attributes, name)
  return holder?.type === 'Entity' ? own(partial.schema?.entityType(holder.name)?.attributes, name) : undefined
}

function own<T>(attributes: { readonly [name: string]: T } | undefined, name: string): T | undefined {
  return attributes !== undefined && Object.hasOwn(attributes, name) ? attributes[name] : undefined
}

// What would have to be different for a part of a condition to come out the other way, as a noun phrase.

import { childrenOf } from '../check/children.ts'
import { sourcesOf } from '../check/sources.ts'
import type { Binary, Expression } from '../syntax/tree.ts'
import { formatEntityUid } from '../entity/uid.ts'
import { contextNames } from './part.ts'
import { codeText } from './text.ts'
import type { ExplainOptions } from './text.ts'

/** What each reserved name of the context is changed by. */
const CONTEXT_CHANGES: ReadonlyMap<string, string> = new Map([
  ['ip', 'a request from another network'],
  ['acr', 'a fresh second factor'],
  ['authTime', 'a fresh second factor'],
  ['now', 'a request at another time'],
  ['device', 'a request from another device'],
  ['tenant', 'a request in another tenant'],
  ['client', 'a request by another client'],
])

/** What could turn the part; `undefined` when the policy does not tell. */
export function changeOf(node: Expression, wanted: boolean, options: ExplainOptions): string | undefined {
  const [name] = contextNames(node)
  if (name !== undefined) return CONTEXT_CHANGES.get(name) ?? another(`context.${name}`, options)
  if (node.kind === 'equal' || node.kind === 'notEqual') return comparison(node, wanted, options)
  if (node.kind === 'in') return membership(node, wanted, options)
  return firstAttribute(node, options)
}

/** `resource.owner == principal` is ownership, whatever the attribute's name. */
function comparison(node: Binary, wanted: boolean, options: ExplainOptions): string | undefined {
  const sides = [...sourcesOf(node.left), ...sourcesOf(node.right)]
  const attribute = sides.find(({ root, path }) => root === 'resource' && path.length > 0)
  const isOwnership = sides.some(({ root, path }) => root === 'principal' && path.length === 0)
  if (attribute === undefined || !isOwnership) return firstAttribute(node, options)
  const name = codeText(attribute.path.join('.'), options)
  const isWanted = (node.kind === 'equal') === wanted
  return isWanted ? `being the ${name} of the resource` : `not being the ${name} of the resource`
}

function membership({ left, right }: Binary, wanted: boolean, options: ExplainOptions): string | undefined {
  const isPrincipal = sourcesOf(left).some(({ root, path }) => root === 'principal' && path.length === 0)
  if (!isPrincipal) return sourcesOf(left).length === 0 ? undefined : 'another resource'
  if (!wanted) return 'leaving a group'
  if (right.kind !== 'literal' || typeof right.value !== 'object' || right.value.kind !== 'entity') {
    return 'membership in one of the groups named'
  }
  return `membership in ${codeText(formatEntityUid(right.value), options)}`
}

function firstAttribute(node: Expression, options: ExplainOptions): string | undefined {
  if (node.kind === 'has') {
    const source = sourcesOf(node.of)[0]
    return source === undefined ? undefined : another([source.root, ...source.path, ...node.path].join('.'), options)
  }
  const source = sourcesOf(node).find(({ path }) => path.length > 0)
  if (source !== undefined) return another([source.root, ...source.path].join('.'), options)
  for (const child of childrenOf(node)) {
    const change = firstAttribute(child, options)
    if (change !== undefined) return change
  }
  return undefined
}

function another(name: string, options: ExplainOptions): string {
  return `another value of ${codeText(name, options)}`
}

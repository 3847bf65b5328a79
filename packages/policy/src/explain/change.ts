// What would have to be different for an atom of a condition to come out the other way, how hard that is for people to bring about,
// and how it is said.

import { childrenOf } from '../check/children.ts'
import { sourcesOf } from '../check/sources.ts'
import { formatEntityUid } from '../entity/uid.ts'
import type { Expression } from '../syntax/tree.ts'
import type { Change } from './explanation.ts'

/** Groups that are named of many. */
const MOST_GROUPS = 8

/** What could turn the atom; `undefined` when the policy does not tell, as of a constant. */
export function changeOf(node: Expression, wanted: boolean): Change | undefined {
  const context = contextChange(contextNames(node))
  if (context !== undefined) return context
  switch (node.kind) {
    case 'equal':
    case 'notEqual':
      return ownership(node.left, node.right, (node.kind === 'equal') === wanted) ?? attribute(node)
    case 'in':
      return membership(node.left, node.right, wanted)
    case 'is':
      return node.in === undefined ? attribute(node) : membership(node.of, node.in, wanted)
    default:
      return attribute(node)
  }
}

/** Less is easier: renew a grant, ask from elsewhere, get a grant, get a role, change data. What nothing can change comes last. */
export function effortOf(change: Change | undefined): number {
  switch (change?.kind) {
    case undefined:
      return 10
    case 'renewed-grant':
      return 1
    case 'second-factor':
    case 'network':
    case 'context':
      return 2
    case 'grant':
      return 3
    case 'membership':
      return 4
    case 'ownership':
    case 'attribute':
    case 'other':
      return 5
    default:
      return change satisfies never
  }
}

/** As a noun phrase; `code` puts a name into backticks. */
export function phraseOf(change: Change, code: (text: string) => string): string {
  switch (change.kind) {
    case 'grant':
      return `a grant of ${code(change.template)} on the resource`
    case 'renewed-grant':
      return `a renewed grant of ${code(change.template)}`
    case 'membership':
      return membershipPhrase(change.groups.map(code), change.wanted)
    case 'second-factor':
      return 'a fresh second factor'
    case 'network':
      return 'a request from another network'
    case 'context':
      return CONTEXT_PHRASES.get(change.name) ?? `another value of ${code(`context.${change.name}`)}`
    case 'ownership':
      return `${change.wanted ? 'being' : 'not being'} the ${code(change.attribute)} of the resource`
    case 'attribute':
      return `another value of ${code(change.name)}`
    case 'other':
      return `another ${change.side}`
    default:
      return change satisfies never
  }
}

const CONTEXT_PHRASES: ReadonlyMap<string, string> = new Map([
  ['now', 'a request at another time'],
  ['device', 'a request from another device'],
  ['tenant', 'a request in another tenant'],
  ['client', 'a request by another client'],
])

function membershipPhrase(groups: readonly string[], wanted: boolean): string {
  if (!wanted) return groups.length === 1 ? `leaving ${groups.join('')}` : 'leaving a group'
  return groups.length === 0 ? 'membership in one of the groups named' : `membership in ${groups.join(' or ')}`
}

/** How long ago a sign-in was is read with the time, and a sign-in is what can be had. */
function contextChange(names: readonly string[]): Change | undefined {
  if (names.includes('acr') || names.includes('authTime')) return { kind: 'second-factor' }
  if (names.includes('ip')) return { kind: 'network' }
  const [name] = names
  return name === undefined ? undefined : { kind: 'context', name }
}

/** Names of the context's attributes that the node reads. */
function contextNames(node: Expression): string[] {
  const own = node.kind === 'has' ? sourcesOf(node.of) : sourcesOf(node)
  const names = own.flatMap(({ root, path }) => {
    const name = path[0] ?? (node.kind === 'has' ? node.path[0] : undefined)
    return root === 'context' && name !== undefined ? [name] : []
  })
  return [...names, ...childrenOf(node).flatMap(contextNames)]
}

/** `resource.owner == principal` is ownership, whatever the attribute's name. */
function ownership(left: Expression, right: Expression, wanted: boolean): Change | undefined {
  const sides = [...sourcesOf(left), ...sourcesOf(right)]
  const owned = sides.find(({ root, path }) => root === 'resource' && path.length > 0)
  const isPrincipal = sides.some(({ root, path }) => root === 'principal' && path.length === 0)
  return owned === undefined || !isPrincipal
    ? undefined
    : { kind: 'ownership', attribute: owned.path.join('.'), wanted }
}

function membership(left: Expression, right: Expression, wanted: boolean): Change | undefined {
  const sources = sourcesOf(left)
  if (sources.some(({ root, path }) => root === 'principal' && path.length === 0)) {
    return { kind: 'membership', groups: groupsOf(right).slice(0, MOST_GROUPS), wanted }
  }
  const isResource = sources.some(({ root, path }) => root === 'resource' && path.length === 0)
  return isResource ? { kind: 'other', side: 'resource' } : (attribute(left) ?? attribute(right))
}

function groupsOf(node: Expression): string[] {
  if (node.kind === 'set') return node.elements.flatMap(groupsOf)
  if (node.kind !== 'literal' || typeof node.value !== 'object' || node.value.kind !== 'entity') return []
  return [formatEntityUid(node.value)]
}

/** The first attribute that the node reads; failing that, who or what it is about. */
function attribute(node: Expression): Change | undefined {
  const path = firstPath(node)
  if (path !== undefined) return { kind: 'attribute', name: path.join('.') }
  const side = firstVariable(node)
  return side === undefined ? undefined : { kind: 'other', side }
}

function firstPath(node: Expression): readonly string[] | undefined {
  const [source] = node.kind === 'has' ? sourcesOf(node.of) : sourcesOf(node).filter(({ path }) => path.length > 0)
  if (source !== undefined) return [source.root, ...source.path, ...(node.kind === 'has' ? node.path : [])]
  for (const child of childrenOf(node)) {
    const path = firstPath(child)
    if (path !== undefined) return path
  }
  return undefined
}

function firstVariable(node: Expression): 'principal' | 'resource' | undefined {
  if (node.kind === 'variable') return node.name === 'principal' || node.name === 'resource' ? node.name : undefined
  for (const child of childrenOf(node)) {
    const side = firstVariable(child)
    if (side !== undefined) return side
  }
  return undefined
}

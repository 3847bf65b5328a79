// Where a value comes from: which variable, and through which attributes. `(if c then principal else resource).team.name` has two
// sources, `principal.team.name` and `resource.team.name`.

import type { Expression, VariableName } from '../syntax/tree.ts'

export interface Source {
  readonly root: VariableName
  readonly path: readonly string[]
}

/** All variables and paths that a value may come from; none for what is computed, constant or a tag. */
export function sourcesOf(node: Expression): Source[] {
  if (node.kind === 'variable') return [{ root: node.name, path: [] }]
  if (node.kind === 'if') return [...sourcesOf(node.then), ...sourcesOf(node.else)]
  if (node.kind !== 'attribute') return []
  const field = node.of.kind === 'record' ? node.of.fields.get(node.name) : undefined
  if (field !== undefined) return sourcesOf(field)
  return sourcesOf(node.of).map(({ root, path }) => ({ root, path: [...path, node.name] }))
}

/** What a chain of attributes evaluates besides the chain itself: tests of `if`, and values that are no sources. */
export function besidesSources(node: Expression): { tests: Expression[]; values: Expression[] } {
  if (node.kind === 'variable') return { tests: [], values: [] }
  if (node.kind === 'attribute') return besidesSources(node.of)
  if (node.kind !== 'if') return { tests: [], values: [node] }
  const [then, otherwise] = [besidesSources(node.then), besidesSources(node.else)]
  return { tests: [node.test, ...then.tests, ...otherwise.tests], values: [...then.values, ...otherwise.values] }
}

// `@cardea/policy/check`: what can be said of policies before there is a request: what they read, what no index narrows, what may be granted.
// Apart from the engine, which decides without it.

export { checkGrants } from './program.ts'
export { readsOf } from './reads-of.ts'
export type { AncestorRead, AttributeRead, Reads } from './reads.ts'
export { actionsInScope } from '../schema/actions-in-scope.ts'
export { unnarrowedPolicies } from '../compile/unnarrowed.ts'

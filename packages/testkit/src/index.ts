// Proof that the policy means what you meant: the test matrix in YAML and in TypeScript.

export { TESTKIT_ERRORS, TestkitError } from './errors.ts'
export type { TestkitErrorCode } from './errors.ts'
export { flippedCells, undeterminedPolicies } from './matrix/compare.ts'
export type { Flips } from './matrix/compare.ts'
export { parseMatrix } from './matrix/matrix.ts'
export type { Expectation, Matrix, MatrixTest } from './matrix/matrix.ts'
export { meets, runMatrix } from './matrix/run-matrix.ts'
export type { Cell } from './matrix/run-matrix.ts'
export { createPolicyTest } from './policy-test/policy-test.ts'
export type { Answered, Asking, Facts, PersonFacts, PolicyTest, PolicyTestOptions } from './policy-test/policy-test.ts'
export { createWorld } from './world.ts'
export type { GrantSpec, Person, PolicySource, World, WorldOptions } from './world.ts'

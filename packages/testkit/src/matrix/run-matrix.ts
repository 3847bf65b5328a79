// Runs a matrix against a world: one cell a test and action.

import { type Decision, decide, type Request } from '@cardea/policy'
import { TestkitError } from '../errors.ts'
import type { Attributes } from '../typed-value.ts'
import { createPerson, createThing, requestOf, type World } from '../world.ts'
import type { Expectation, Matrix, MatrixTest } from './matrix.ts'

export interface Cell {
  /** Stable across runs: who, where, what, action. */
  readonly key: string
  readonly test: string
  readonly as: string
  readonly in: readonly string[]
  readonly on: string
  readonly action: string
  readonly expected: Expectation
  /** What was asked, to explain it. */
  readonly request: Request
  readonly decision: Decision
  readonly passed: boolean
}

/** Decides every cell. @throws TestkitError when a test names what does not exist or a value has the wrong type */
export function runMatrix(world: World, matrix: Matrix): Cell[] {
  return matrix.tests.flatMap((test) => runTest(world, matrix, test))
}

function runTest(world: World, matrix: Matrix, test: MatrixTest): Cell[] {
  const contexts = contextsOf(test)
  const principal = named(matrix.principals, test.as, 'principal')
  const person = createPerson(world, principal.uid, {
    ...principal,
    grants: principal.grants.map(({ template, resource, until }) => ({
      template,
      resource,
      ...(until === undefined ? {} : { untilSeconds: untilSeconds(until) }),
    })),
  })
  const resource = named(matrix.resources, test.on, 'resource')
  const thing = createThing(world, resource.uid, resource)
  const facts = factsOf(matrix, test)
  return Object.entries(test.expect).map(([action, expected]) => {
    const request = requestOf(world, { person, action, thing, facts })
    const decision = decide(world.program, request)
    return {
      key: cellKey(test, action),
      test: test.name ?? `${test.as} on ${test.on}`,
      as: test.as,
      in: contexts,
      on: test.on,
      action,
      expected,
      request,
      decision,
      passed: meets(decision, expected),
    }
  })
}

/** What a cell is called: who, where, what, action. */
export function cellKey(test: MatrixTest, action: string): string {
  return [test.as, contextsOf(test).join('+'), test.on, action].join(' / ')
}

/** The facts of a test's contexts, the later ones over the earlier. */
export function factsOf(matrix: Matrix, test: MatrixTest): Attributes {
  return Object.fromEntries(contextsOf(test).flatMap((name) => Object.entries(named(matrix.contexts, name, 'context'))))
}

/** Whether a decision is the expected one, for the expected reason. */
export function meets(decision: Decision, expected: Expectation): boolean {
  if (decision.decision !== expected.decision) return false
  return expected.because === undefined || decision.determining.includes(expected.because)
}

function contextsOf(test: MatrixTest): readonly string[] {
  return Array.isArray(test.in) ? test.in : [test.in]
}

/** An entry of the matrix. @throws TestkitError ERR_TESTKIT_NAME */
export function named<T>(table: Readonly<Record<string, T>>, name: string, what: string): T {
  const found = Object.hasOwn(table, name) ? table[name] : undefined
  if (found !== undefined) return found
  throw new TestkitError('ERR_TESTKIT_NAME', `there is no ${what} \`${name}\``, {
    hint: `the matrix has ${Object.keys(table).join(', ') || 'none'}`,
  })
}

/** @throws TestkitError ERR_TESTKIT_VALUE */
export function untilSeconds(text: string): number {
  const milliseconds = Date.parse(text)
  if (!Number.isNaN(milliseconds)) return Math.floor(milliseconds / 1000)
  throw new TestkitError('ERR_TESTKIT_VALUE', `\`${text}\` is not a time`, { hint: 'write 2026-01-01T12:00:00Z' })
}

// The YAML matrix: what it reads, what it refuses with which place, and what it finds.

import { PolicyError } from '@cardea/policy'
import { describe, expect, it } from 'vitest'
import { createWorld, flippedCells, parseMatrix, runMatrix, TestkitError, undeterminedPolicies } from '../src/index.ts'
import { MATRIX, POLICIES, schema, sources } from './fixture.ts'

const world = createWorld({ schema, policies: sources })

function run(policies: string, matrix = MATRIX): ReturnType<typeof runMatrix> {
  return runMatrix(
    createWorld({ schema, policies: [{ file: 'p.cedar', text: policies }] }),
    parseMatrix(matrix, 'm.yaml'),
  )
}

function codeOf(attempt: () => unknown): string {
  try {
    attempt()
  } catch (error) {
    if (error instanceof TestkitError || error instanceof PolicyError) return error.code
    throw error
  }
  return 'nothing was thrown'
}

describe('a matrix', () => {
  const cells = run(POLICIES)

  it('holds for the policies that it was written for', () => {
    expect(cells.filter((cell) => !cell.passed)).toEqual([])
    expect(cells.length).toBe(9)
  })

  it('ends a grant at its time, to the second', () => {
    expect(cells.find((cell) => cell.test === 'the grant has ended')?.decision.decision).toBe('deny')
  })

  it('names the policies that no cell was determined by', () => {
    expect(undeterminedPolicies(world.policies, cells)).toEqual(['factor'])
  })

  it('fails a cell whose decision is right for another reason', () => {
    const [cell] = run(POLICIES, MATRIX.replace('view: allow because owner', 'view: allow because auditor'))
    expect(cell).toMatchObject({ passed: false, decision: { decision: 'allow' } })
  })

  const mutants = [
    ['the forbid for other tenants is gone', /@id\("isolation"\)[^;]*;/, '', 'newlyAllows'],
    ['the owner rule is negated', 'resource.owner == principal', 'resource.owner != principal', 'newlyDenies'],
    ['the office is everywhere', '10.0.0.0/8', '0.0.0.0/0', 'newlyAllows'],
  ] as const
  it.each(mutants)('notices that %s', (_name, from, to, direction) => {
    const after = run(POLICIES.replace(from, to))
    expect(after.some((cell) => !cell.passed)).toBe(true)
    expect(flippedCells(cells, after)[direction].length).toBeGreaterThan(0)
  })

  it('reports no flip where nothing changed, and none for cells that are new', () => {
    expect(flippedCells(cells, run(POLICIES))).toEqual({ newlyAllows: [], newlyDenies: [] })
    expect(flippedCells([], cells)).toEqual({ newlyAllows: [], newlyDenies: [] })
  })
})

describe('a wrong matrix', () => {
  const rows = [
    ['is not YAML', MATRIX.replace('tests:', 'tests: ]'), 'ERR_TESTKIT_MATRIX'],
    ['says a name twice', `${MATRIX}\ntests: []\n`, 'ERR_TESTKIT_MATRIX'],
    [
      'expects neither allow nor deny',
      MATRIX.replace('view: allow because owner', 'view: maybe'),
      'ERR_TESTKIT_MATRIX',
    ],
    ['has a field that there is not', MATRIX.replace('as: ann,', 'as: ann, who: bob,'), 'ERR_TESTKIT_MATRIX'],
    ['names no entity', MATRIX.replace('User::"bob"\n', 'bob\n'), 'ERR_TESTKIT_MATRIX'],
    ['has no tests', MATRIX.replace(/tests:[\s\S]*/, 'tests: []\n'), 'ERR_TESTKIT_MATRIX'],
    ['names a principal that there is not', MATRIX.replace('as: ann', 'as: ann2'), 'ERR_TESTKIT_NAME'],
    ['names a context that there is not', MATRIX.replace('in: away', 'in: home'), 'ERR_TESTKIT_NAME'],
    [
      'names an action that there is not',
      MATRIX.replace('edit: deny because office', 'erase: deny'),
      'ERR_TESTKIT_NAME',
    ],
    ['names a resource that there is not', MATRIX.replace('on: n', 'on: m'), 'ERR_TESTKIT_NAME'],
    ['grants a policy that is no template', MATRIX.replace('template: viewer', 'template: owner'), 'ERR_TESTKIT_NAME'],
    ['names a member of Object', MATRIX.replace('as: ann', 'as: constructor'), 'ERR_TESTKIT_NAME'],
    ['has an attribute that the schema has not', MATRIX.replace('owner: ', 'holder: '), 'ERR_TESTKIT_VALUE'],
    ['lacks an attribute', MATRIX.replace(', owner: \'User::"ann"\'', ''), 'ERR_TESTKIT_VALUE'],
    ['has a value of another type', MATRIX.replace('ip: 10.1.2.3', 'ip: somewhere'), 'ERR_TESTKIT_VALUE'],
    ['lacks what the context needs', MATRIX.replace('in: away', 'in: late'), 'ERR_TESTKIT_VALUE'],
    ['ends a grant at no time', MATRIX.replace('2026-01-01T13:00:00Z }]', 'never }]'), 'ERR_TESTKIT_VALUE'],
  ] as const
  it.each(rows)('%s', (_name, matrix, code) => {
    expect(matrix).not.toBe(MATRIX)
    expect(codeOf(() => run(POLICIES, matrix))).toBe(code)
  })

  it('says where', () => {
    const matrix = MATRIX.replace('view: allow because owner', 'view: maybe')
    expect(() => parseMatrix(matrix, 'm.yaml')).toThrow(/^m\.yaml:17:\d+: tests\.0\.expect\.view: /)
  })

  it('does not run with policies that do not parse', () => {
    expect(codeOf(() => run('permit (principal, action'))).toBe('ERR_POLICY_SOURCES')
  })
})

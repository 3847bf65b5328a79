// The YAML matrix as vitest tests: one test a cell, and one that fails while a policy is determined by no cell.

import { readFileSync } from 'node:fs'
import type { SchemaDefinition } from '@cardea/policy'
import { describe, expect, it } from 'vitest'
import { undeterminedPolicies } from './matrix/compare.ts'
import { parseMatrix } from './matrix/matrix.ts'
import { runMatrix } from './matrix/run-matrix.ts'
import { loadFolder } from './policy-test/load-folder.ts'
import { createWorld } from './world.ts'

export interface DescribeMatrixOptions {
  readonly schema: SchemaDefinition
  /** A folder of `*.cedar` files. */
  readonly policies: string
  /** The YAML file. */
  readonly matrix: string
  readonly forbidErrors?: 'deny' | 'skip'
}

/** Registers a test for each cell of the matrix. */
export function describeMatrix({ policies, matrix, ...options }: DescribeMatrixOptions): void {
  const world = createWorld({ ...options, policies: loadFolder(policies) })
  const cells = runMatrix(world, parseMatrix(readFileSync(matrix, 'utf8'), matrix))
  describe(matrix, () => {
    for (const cell of cells) {
      const because = cell.expected.because === undefined ? '' : ` because ${cell.expected.because}`
      it(`${cell.key}: ${cell.expected.decision}${because}`, () => {
        expect(cell.decision.decision).toBe(cell.expected.decision)
        if (cell.expected.because !== undefined) expect(cell.decision.determining).toContain(cell.expected.because)
      })
    }
    it('every policy determines at least one cell', () => {
      expect(undeterminedPolicies(world.policies, cells)).toEqual([])
    })
  })
}

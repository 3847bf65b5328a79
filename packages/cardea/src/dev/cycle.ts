// One look at the policies while somebody edits them: everything that is wrong, or which cells of the matrix flipped.

import type { Problem, SchemaDefinition } from '@cardea/policy'
import {
  type Cell,
  createWorld,
  type Flips,
  flippedCells,
  parseMatrix,
  runMatrix,
  undeterminedPolicies,
} from '@cardea/testkit'
import { checkSources, type Validator } from '@cardea/validate'
import type { EffectiveConfig } from '../config/config-schema.ts'
import { loadSource, loadSources, type Sources } from '../sources.ts'

export type Look =
  | {
      readonly kind: 'broken'
      readonly sources: Sources
      readonly problems: readonly Problem[]
      readonly policies: number
    }
  | {
      readonly kind: 'good'
      readonly sources: Sources
      readonly definition: SchemaDefinition
      readonly cells: readonly Cell[]
      readonly flips: Flips
      readonly undetermined: readonly string[]
    }

/** Looks again and again; flips are against the last good look. */
export interface Cycle {
  /** @throws CommandError, TestkitError when a file is missing or the matrix is wrong */
  look(): Promise<Look>
}

export function createCycle(config: EffectiveConfig, validator: Validator): Cycle {
  let before: readonly Cell[] = []
  return {
    async look() {
      const sources = await loadSources(config)
      const { definition, policies, problems } = await checkSources(sources, validator)
      if (definition === undefined || problems.some((problem) => problem.severity === 'error')) {
        return { kind: 'broken', sources, problems, policies: policies.length }
      }
      const world = createWorld({ schema: definition, policies: sources.policies, forbidErrors: config.forbidErrors })
      const matrix = await loadSource(config.tests)
      const cells = runMatrix(world, parseMatrix(matrix.text, matrix.file))
      const flips = flippedCells(before, cells)
      before = cells
      return {
        kind: 'good',
        sources,
        definition,
        cells,
        flips,
        undetermined: undeterminedPolicies(world.policies, cells),
      }
    },
  }
}

// One look at the policies while somebody edits them: everything that is wrong, or which cells of the matrix flipped. A test matrix
// that is missing or wrong itself stops no policy.

import type { Problem } from '@cardea/policy'
import {
  type Cell,
  createWorld,
  type Flips,
  flippedCells,
  parseMatrix,
  runMatrix,
  undeterminedPolicies,
  type World,
} from '@cardea/testkit'
import { checkSources, type Validator } from '@cardea/validate'
import { hasErrors } from '../check-everything.ts'
import type { EffectiveConfig } from '../config/config-schema.ts'
import { generateText, writeGenerated } from '../generated.ts'
import { checkLists } from '../mapping/check-lists.ts'
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
      readonly warnings: readonly Problem[]
      readonly cells: readonly Cell[]
      readonly flips: Flips
      readonly undetermined: readonly string[]
      /** Why there are no cells. */
      readonly testsError: unknown
    }

/** Looks again and again; flips are against the last good look. */
export interface Cycle {
  /** Writes the generated schema, too. @throws CommandError when a file of the policies is missing */
  look(): Promise<Look>
}

export function createCycle(config: EffectiveConfig, validator: Validator): Cycle {
  let before: readonly Cell[] = []
  return {
    async look() {
      const sources = await loadSources(config)
      const { definition, policies, problems } = await checkSources(sources, validator)
      const broken = (found: readonly Problem[]): Look => {
        return { kind: 'broken', sources, problems: found, policies: policies.length }
      }
      if (definition === undefined || hasErrors(problems)) return broken(problems)
      // before the mappings are looked at: their module imports it
      await writeGenerated(config.generated, await generateText(sources, definition))
      const found = [...problems, ...(await checkLists(config.mappings, policies, definition))]
      if (hasErrors(found)) return broken(found)
      const world = createWorld({ schema: definition, policies: sources.policies, forbidErrors: config.forbidErrors })
      const { cells, testsError } = await runTests(config, world)
      const flips = flippedCells(before, cells)
      if (testsError === undefined) before = cells
      const undetermined = testsError === undefined ? undeterminedPolicies(world.policies, cells) : []
      return { kind: 'good', sources, warnings: found, cells, flips, undetermined, testsError }
    },
  }
}

async function runTests(
  config: EffectiveConfig,
  world: World,
): Promise<{ readonly cells: readonly Cell[]; readonly testsError?: unknown }> {
  try {
    const { text, file } = await loadSource(config.tests)
    return { cells: runMatrix(world, parseMatrix(text, file)) }
  } catch (testsError) {
    return { cells: [], testsError }
  }
}

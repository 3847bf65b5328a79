// One look at the policies while somebody edits them: everything that is wrong, or which cells of the matrix flipped. A test matrix
// that is missing or wrong itself stops no policy.

import { createSchema, type Problem } from '@cardea/policy'
import {
  type Cell,
  compileWorld,
  type Flips,
  flippedCells,
  type Matrix,
  parseMatrix,
  runMatrix,
  undeterminedPolicies,
  type World,
} from '@cardea/testkit'
import { checkSources, lintChecked, sortProblems, type Validator } from '@cardea/validate'
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
      /** All that is doubtful. Worked out when it is asked for: at a thousand policies that takes as long as all the rest. */
      warnings(): readonly Problem[]
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
  const loadMatrix = createMatrixLoader(config)

  async function runTests(world: World): Promise<{ readonly cells: readonly Cell[]; readonly testsError?: unknown }> {
    try {
      return { cells: runMatrix(world, await loadMatrix()) }
    } catch (testsError) {
      return { cells: [], testsError }
    }
  }

  return {
    async look() {
      const sources = await loadSources(config)
      const checked = await checkSources(sources, validator, { lint: false })
      const { definition, policies, problems } = checked
      const broken = (found: readonly Problem[]): Look => {
        return { kind: 'broken', sources, problems: found, policies: policies.length }
      }
      if (definition === undefined || hasErrors(problems)) return broken(problems)
      // before the mappings are looked at: their module imports it
      await writeGenerated(config.generated, await generateText(sources, definition))
      const lists = await checkLists(config.mappings, policies, definition)
      const warnings = (): readonly Problem[] => sortProblems([...lintChecked(checked).problems, ...lists])
      if (hasErrors(lists)) return broken(warnings())
      const { forbidErrors } = config
      const world = compileWorld({ schema: createSchema(definition), policies, forbidErrors })
      const { cells, testsError } = await runTests(world)
      const flips = flippedCells(before, cells)
      if (testsError === undefined) before = cells
      const undetermined = testsError === undefined ? undeterminedPolicies(world.policies, cells) : []
      return { kind: 'good', sources, warnings, cells, flips, undetermined, testsError }
    },
  }
}

/** The matrix of now. Reading YAML takes longer than deciding every cell, so a text is read once. */
function createMatrixLoader({ tests }: EffectiveConfig): () => Promise<Matrix> {
  let last: { readonly text: string; readonly matrix: Matrix } | undefined
  return async () => {
    const { text, file } = await loadSource(tests)
    if (last?.text !== text) last = { text, matrix: parseMatrix(text, file) }
    return last.matrix
  }
}

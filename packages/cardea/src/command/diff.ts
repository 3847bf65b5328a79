// `cardea diff`: what a change of policies changes. Every cell of the test matrix and every request of a typed random sample is asked of both
// versions; what is newly allowed comes first, each with the smallest example found.

import { DEFAULT_SAMPLES, diffWorlds, type Matrix, parseMatrix } from '@cardea/testkit'
import { createValidator } from '@cardea/validate'
import { Command } from 'commander'
import type { EffectiveConfig } from '../config/config-schema.ts'
import { loadConfig } from '../config/load-config.ts'
import { diffAsJson } from '../diff/diff-as-json.ts'
import { loadSide } from '../diff/load-side.ts'
import { printDiff } from '../diff/print-diff.ts'
import { CommandError } from '../errors.ts'
import { wholeNumber } from '../input/whole-number.ts'
import { loadSource } from '../sources.ts'

interface Options {
  readonly config?: string
  readonly exitCode?: boolean
  readonly json?: boolean
  readonly limit?: number
  readonly reasons?: boolean
  readonly samples: number
  readonly seed: number
}

const DEFAULT_LIMIT = 10
const DEFAULT_SEED = 1

export function command(): Command {
  return new Command()
    .description(
      'Shows which cells of the test matrix, and of a typed random sample of requests, two versions of the policies answer differently: ' +
        'newly allowed first, each with the smallest example found. It finds differences; it cannot prove that there is none.',
    )
    .argument('<old>', 'a git revision (main, HEAD~1), a folder of policies, or a bundle')
    .argument('[new]', 'the same; the working folder by default')
    .option('--samples <n>', 'how many random requests', wholeNumber, DEFAULT_SAMPLES)
    .option('--seed <n>', 'another seed asks other requests', wholeNumber, DEFAULT_SEED)
    .option('--exit-code', 'exit 1 if something is newly allowed, or if nothing could be compared')
    .option('--reasons', 'also show decisions that are the same for other reasons')
    .option('--limit <n>', `examples of each direction (default: ${DEFAULT_LIMIT}; all as JSON)`, wholeNumber)
    .option('-c, --config <file>', 'the configuration file')
    .option('--json', 'print the differences as JSON')
    .action(async (old: string, now: string | undefined, options: Options) => {
      const { samples, seed, reasons = false } = options
      const loaded = await loadConfig({ file: options.config })
      const validator = createValidator()
      try {
        const before = await loadSide(old, loaded, validator)
        const after = await loadSide(now, loaded, validator)
        const matrix = await loadMatrix(loaded.config)
        const diff = diffWorlds(before.world, after.world, { samples, seed, reasons, ...(matrix && { matrix }) })
        const compared = { before, after, seed, diff }
        if (options.json === true) {
          console.log(JSON.stringify(diffAsJson(compared, options.limit ?? Number.POSITIVE_INFINITY), null, 2))
        } else printDiff(compared, options.limit ?? DEFAULT_LIMIT)
        const isNothing = diff.compared.cells + diff.compared.samples === 0
        const allows = diff.differences.some(({ direction }) => direction === 'newly-allows')
        process.exitCode = options.exitCode === true && (allows || isNothing) ? 1 : 0
      } finally {
        await validator.close()
      }
    })
}

/** Today's matrix; without the file only the sample is compared. @throws TestkitError ERR_TESTKIT_MATRIX */
async function loadMatrix({ tests }: EffectiveConfig): Promise<Matrix | undefined> {
  try {
    const { text, file } = await loadSource(tests)
    return parseMatrix(text, file)
  } catch (error) {
    if (error instanceof CommandError && error.code === 'ERR_COMMAND_FILE') return undefined
    throw error
  }
}

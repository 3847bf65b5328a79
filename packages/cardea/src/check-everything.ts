// The whole check: syntax, schema and strict validation, and then, over policies without errors, whether lists can be asked of them.

import type { Problem, SchemaDefinition } from '@cardea/policy'
import { type CheckedSources, checkSources, createValidator, sortProblems } from '@cardea/validate'
import type { EffectiveConfig } from './config/config-schema.ts'
import { CommandError } from './errors.ts'
import { checkLists } from './mapping/check-lists.ts'
import { printFindings, printProblems } from './output/print-problems.ts'
import type { Sources } from './sources.ts'

/** What of the configuration adds to the check. `generate` and `test` leave the mappings out: those read the generated schema. */
export type CheckOptions = Partial<Pick<EffectiveConfig, 'mappings'>>

/**
 * The schema of sources that have no errors, after printing warnings where that is asked for.
 * @throws CommandError ERR_COMMAND_POLICY after printing everything that is wrong
 */
export async function checkedDefinition(
  sources: Sources,
  options: CheckOptions & { readonly printsWarnings?: boolean },
): Promise<SchemaDefinition> {
  const { definition, policies, problems } = await checkEverything(sources, options)
  if (definition !== undefined && !hasErrors(problems)) {
    if (options.printsWarnings === true) printFindings(sources, problems)
    return definition
  }
  printProblems(sources, problems, policies.length)
  throw new CommandError('ERR_COMMAND_POLICY', 'the policies have errors', { hint: 'mend them and run it again' })
}

/** All problems. @throws CommandError ERR_COMMAND_CONFIG when the mappings cannot be loaded */
export async function checkEverything(sources: Sources, { mappings }: CheckOptions): Promise<CheckedSources> {
  const validator = createValidator()
  try {
    const checked = await checkSources(sources, validator)
    const { definition, policies, problems } = checked
    if (definition === undefined || hasErrors(problems)) return checked
    const found = [...problems, ...(await checkLists(mappings, policies, definition))]
    return { definition, policies, problems: sortProblems(found) }
  } finally {
    await validator.close()
  }
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some(({ severity }) => severity === 'error')
}

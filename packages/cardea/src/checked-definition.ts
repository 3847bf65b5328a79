// The schema of sources that have no errors.

import type { SchemaDefinition } from '@cardea/policy'
import { checkSources, createValidator } from '@cardea/validate'
import { CommandError } from './errors.ts'
import { printProblems } from './output/print-problems.ts'
import type { Sources } from './sources.ts'

/** @throws CommandError ERR_COMMAND_POLICY after printing everything that is wrong */
export async function checkedDefinition(sources: Sources): Promise<SchemaDefinition> {
  const validator = createValidator()
  try {
    const { definition, policies, problems } = await checkSources(sources, validator)
    if (definition !== undefined && !problems.some((problem) => problem.severity === 'error')) return definition
    printProblems(sources, problems, policies.length)
    throw new CommandError('ERR_COMMAND_POLICY', 'the policies have errors', { hint: 'mend them and run it again' })
  } finally {
    await validator.close()
  }
}

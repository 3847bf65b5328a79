// What a guard without a server decides with: the policies of a folder, parsed, or those of a built bundle, which need no parsing. Both
// must be the ones that were checked when the schema was generated.

import { createPlan } from '@cardea/claims'
import { checkBundleDigest, compileBundle } from '@cardea/feed'
import {
  compileProgram,
  createSchema,
  type GeneratedSchema,
  parsePolicySources,
  PolicyError,
  policyDigest,
} from '@cardea/policy'
import { createEdition, type Edition } from '../edition/edition.ts'
import { GuardError } from '../errors.ts'
import type { StandaloneOptions } from '../options.ts'
import type { Setting } from '../setting.ts'
import { loadPolicyBundle } from './policy-bundle.ts'
import { loadPolicyFolder, type PolicySource } from './policy-folder.ts'

/**
 * Throws `ERR_GUARD_POLICY_FOLDER`, `ERR_GUARD_POLICY_DIGEST` (in production), `ERR_GUARD_OPTIONS`, `ERR_GUARD_ANNOTATION`, `PolicyError`,
 * and `FeedError` for a bundle.
 */
export async function loadEdition(options: StandaloneOptions, setting: Setting): Promise<Edition> {
  if (typeof options.policies !== 'string') return editionOfSources(options.policies, options, setting)
  const content = await loadPolicyBundle(options.policies)
  if (content === undefined) return editionOfSources(await loadPolicyFolder(options.policies), options, setting)
  if (options.forbidErrors !== undefined && options.forbidErrors !== content.forbidErrors) {
    throw new GuardError('ERR_GUARD_OPTIONS', '`forbidErrors` is not what the bundle was built with', {
      hint: 'leave it out, or set it in cardea.config.ts and build the bundle again',
    })
  }
  await checkBundleDigest(content)
  checkDigest(options.schema, content.digest, setting, 'run `cardea generate` and `cardea bundle`')
  const { program, schema } = compileBundle(content, { evaluator: setting.evaluator })
  return createEdition({ program, schema, sources: textsOf(content.policies), plans: content.plans })
}

async function editionOfSources(
  files: readonly PolicySource[],
  options: StandaloneOptions,
  setting: Setting,
): Promise<Edition> {
  const sources = files.filter(({ file }) => !isSchemaFile(file))
  const schemas = files.filter(({ file }) => isSchemaFile(file))
  const schema = createSchema(options.schema)
  const hint = 'run `cardea generate`; the schema file stands in the folder of the policies'
  checkDigest(options.schema, await digestOf(sources, schemas), setting, hint)
  const { policies, problems } = parsePolicySources(sources)
  if (problems.some(({ severity }) => severity === 'error')) {
    throw new PolicyError('ERR_POLICY_SOURCES', 'the policies have problems', { problems })
  }
  return createEdition({
    program: compileProgram(policies, {
      schema,
      forbidErrors: options.forbidErrors ?? 'deny',
      evaluator: setting.evaluator,
    }),
    schema,
    sources: textsOf(sources),
    plans: [createPlan({ policies, schema })],
  })
}

/** `undefined` when there is not exactly one schema: then they are the policies of no generated file. */
async function digestOf(
  policies: readonly PolicySource[],
  schemas: readonly PolicySource[],
): Promise<string | undefined> {
  const [schema] = schemas
  return schema === undefined || schemas.length > 1 ? undefined : policyDigest(policies, schema.text)
}

/** Whether these are the policies that passed `cardea check` when the schema was generated. A schema by hand has no digest. */
function checkDigest(
  { digest }: GeneratedSchema,
  found: string | undefined,
  { development, log }: Setting,
  hint: string,
): void {
  if (digest === undefined || digest === found) return
  const message = 'the policies are not the ones that were checked when the schema was generated'
  if (!development) throw new GuardError('ERR_GUARD_POLICY_DIGEST', message, { hint })
  log.warn(message, { hint })
}

function isSchemaFile(file: string): boolean {
  return file.endsWith('.cedarschema')
}

function textsOf(sources: readonly PolicySource[]): ReadonlyMap<string, string> {
  return new Map(sources.map(({ file, text }) => [file, text]))
}

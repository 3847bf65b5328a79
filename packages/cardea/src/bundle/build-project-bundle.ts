// The project's policies as a bundle for a service without an authority, after every check that `cardea check` makes.

import { createPlan } from '@cardea/claims'
import { buildBundle, type BundleContent, compileBundle } from '@cardea/feed'
import { createSchema, parsePolicySources } from '@cardea/policy'
import { checkedDefinition } from '../check-everything.ts'
import type { EffectiveConfig } from '../config/config-schema.ts'
import { digestOf, loadSources, portable } from '../sources.ts'
import { version } from '../version.ts'

/** @throws CommandError ERR_COMMAND_FILE, ERR_COMMAND_POLICY after printing everything that is wrong */
export async function buildProjectBundle(config: EffectiveConfig): Promise<BundleContent> {
  const sources = await loadSources(config)
  const definition = await checkedDefinition(sources, config)
  const { schema: schemaSource, policies: texts } = portable(sources)
  const { policies } = parsePolicySources(texts)
  const content = buildBundle({
    producer: `cardea ${version()}`,
    digest: await digestOf(sources),
    forbidErrors: config.forbidErrors,
    schema: definition,
    schemaSource,
    policies: texts,
    program: policies,
    plans: [createPlan({ policies, schema: createSchema(definition) })],
  })
  // nothing is written that a guard could not load
  compileBundle(content)
  return content
}

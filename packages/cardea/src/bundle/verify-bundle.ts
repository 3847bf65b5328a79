// The proof of a bundle in a file: who signed it, and that what runs is what is written. Its time does not matter: an auditor looks at
// old ones too.

import { createPlan } from '@cardea/claims'
import { type BundleContent, compileBundle, openBundle, printBundle, proveBundle } from '@cardea/feed'
import { createLocalKeys, type JsonWebKeySet } from '@cardea/token'
import { checkSources, createValidator } from '@cardea/validate'
import { CommandError } from '../errors.ts'
import { readJson } from '../input/read-json.ts'
import type { BundleFile } from './load-bundle-file.ts'

const ALGORITHMS = ['ES256', 'EdDSA', 'PS256', 'RS256'] as const

/**
 * Proves signature, digest, program, schema and, of a built bundle, plan. `keys` is the file of the pinned keys.
 * @throws CommandError ERR_COMMAND_BUNDLE, ERR_COMMAND_USAGE, ERR_COMMAND_INPUT; FeedError with the code of what does not hold
 */
export async function verifyBundle({ name, content, signed }: BundleFile, keys: string | undefined): Promise<void> {
  if ((signed === undefined) !== (keys === undefined)) {
    throw signed === undefined
      ? new CommandError('ERR_COMMAND_USAGE', `\`${name}\` is not signed, so no key can say who built it`, {
          hint: 'leave out --keys',
        })
      : new CommandError('ERR_COMMAND_USAGE', `\`${name}\` is signed, and there are no keys to verify it with`, {
          hint: 'give --keys FILE: what the authority answers at `/v1/bundle-keys`, had over a way that you trust',
        })
  }
  if (signed !== undefined && keys !== undefined) {
    await openBundle(signed.text, {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the key room reads every member itself
      keys: createLocalKeys((await readJson(keys)) as JsonWebKeySet),
      algorithms: ALGORITHMS,
      // whose it is stands in what is shown of it
      audience: content.audience ?? '',
      minimumRevision: 0,
      now: () => 0,
      prove: true,
    })
  } else await proveBundle(content)
  await proveSchema(content)
  if (content.revision === undefined) provePlan(content)
}

/** The text of the schema is resolved again, and the policies are validated against it. */
async function proveSchema(content: BundleContent): Promise<void> {
  const validator = createValidator()
  try {
    const { schemaSource: schema, policies } = content
    const { definition, problems } = await checkSources({ schema, policies }, validator)
    const [error] = problems.filter(({ severity }) => severity === 'error')
    if (error !== undefined) throw differs(`it does not pass the check: ${error.message}`)
    if (definition === undefined || printBundle({ ...content, schema: definition }) !== printBundle(content)) {
      throw differs('its schema is not what the text of the schema says')
    }
  } finally {
    await validator.close()
  }
}

/** Of a published bundle the plans depend on what was published before. */
function provePlan(content: BundleContent): void {
  const { program, schema } = compileBundle(content)
  const plans = [createPlan({ policies: program.policies, schema })]
  if (printBundle({ ...content, plans }) !== printBundle(content)) {
    throw differs('its plan is not the one that its policies need')
  }
}

function differs(reason: string): CommandError {
  return new CommandError('ERR_COMMAND_BUNDLE', `the bundle is not what its texts say: ${reason}`, {
    hint: 'do not use it; build it again from the policies',
  })
}

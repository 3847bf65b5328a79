// What a token is compared with: options, and for what they leave out the configuration of the project and its policies, as files. No
// network is needed. What is wrong with the configuration is said, and the token is looked at all the same.

import { createPlan } from '@cardea/claims'
import { createSchema, parsePolicySources } from '@cardea/policy'
import { createLocalKeys, type JsonWebKeySet, type KeySource, type SignatureAlgorithm } from '@cardea/token'
import { z } from 'zod'
import { loadBundleFile } from '../bundle/load-bundle-file.ts'
import { checkEverything, hasErrors } from '../check-everything.ts'
import { loadConfig, type LoadedConfig } from '../config/load-config.ts'
import { CommandError } from '../errors.ts'
import { readJson } from '../input/read-json.ts'
import { loadSource, loadSources, portable } from '../sources.ts'

export interface ExpectationOptions {
  readonly config?: string
  readonly issuer?: string
  readonly audience?: string
  /** A file with the key set of the issuer. */
  readonly jwks?: string
  /** A file with the bundle of which the plans count. */
  readonly bundle?: string
  /** A file with the grants that the token names, as the authority answers a guard. */
  readonly grantSet?: string
  readonly type?: string
}

export interface Expectations {
  readonly issuer: string | undefined
  /** Any of them will do; none: not checked. */
  readonly audiences: readonly string[]
  readonly keys: KeySource | undefined
  readonly algorithms: readonly SignatureAlgorithm[] | undefined
  readonly type: string
  /** Identity providers whose tokens are exchanged here, and not taken themselves. */
  readonly providers: readonly string[]
  /** Digests of the plans that are known; `undefined` when it is not known which are. */
  readonly plans: readonly string[] | undefined
  /** The text of the grants that the token names; `undefined` when it is not at hand. */
  readonly grantSet: string | undefined
  /** What could not be used, with what was wrong. */
  readonly notes: readonly string[]
}

/** @throws CommandError for an option that names something that cannot be used; TokenError for its key set */
export async function loadExpectations(options: ExpectationOptions): Promise<Expectations> {
  const notes: string[] = []
  const loaded = await projectConfig(options, notes)
  const authority = loaded === undefined ? {} : authorityPart.catch({}).parse(loaded.config.authority)
  const { audiences = [], algorithm, providers = [] } = authority
  const issuer = loaded?.config.authority.url.replace(/\/$/, '')
  return {
    issuer: options.issuer ?? issuer,
    audiences:
      options.audience === undefined
        ? [...audiences.map(({ id }) => id), ...(issuer === undefined ? [] : [issuer])]
        : [options.audience],
    keys:
      options.jwks === undefined
        ? undefined
        : // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the key room reads every member itself
          createLocalKeys((await readJson(options.jwks)) as JsonWebKeySet),
    algorithms: loaded === undefined || options.issuer !== undefined ? undefined : [algorithm ?? 'ES256'],
    type: options.type ?? 'at+jwt',
    providers: providers.map((provider) => provider.issuer),
    grantSet: options.grantSet === undefined ? undefined : (await loadSource(options.grantSet, 'command line')).text,
    plans: await plansOf(options, loaded, audiences, notes),
    notes,
  }
}

const authorityPart = z
  .looseObject({
    audiences: z.array(z.looseObject({ id: z.string(), actions: z.array(z.string()).optional() })),
    algorithm: z.enum(['ES256', 'RS256', 'PS256', 'EdDSA']),
    providers: z.array(z.looseObject({ issuer: z.string() })),
  })
  .partial()

type Audiences = NonNullable<z.output<typeof authorityPart>['audiences']>

/** The one that is named must be right; the one that happens to stand in the folder is used if it is. */
async function projectConfig({ config: file }: ExpectationOptions, notes: string[]): Promise<LoadedConfig | undefined> {
  try {
    const loaded = await loadConfig({ file })
    return loaded.file === undefined ? undefined : loaded
  } catch (error) {
    if (file !== undefined || !(error instanceof CommandError)) throw error
    notes.push(`the configuration of this folder was left out: ${error.message} (${error.code})`)
    return undefined
  }
}

/** Of the bundle that is named; else of the policies of the configuration. */
async function plansOf(
  { bundle }: ExpectationOptions,
  loaded: LoadedConfig | undefined,
  audiences: Audiences,
  notes: string[],
): Promise<readonly string[] | undefined> {
  if (bundle !== undefined) return (await loadBundleFile(bundle)).content.plans.map(({ digest }) => digest)
  if (loaded === undefined) return undefined
  try {
    return await plansOfPolicies(loaded, audiences)
  } catch (error) {
    notes.push(`the claims plan was not compared: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
}

/** Each audience may have its own, of the actions that it serves. */
async function plansOfPolicies({ config }: LoadedConfig, audiences: Audiences): Promise<readonly string[]> {
  const sources = await loadSources(config)
  const { definition, problems } = await checkEverything(sources, {})
  if (definition === undefined || hasErrors(problems)) {
    throw new CommandError('ERR_COMMAND_POLICY', 'the policies have errors; `cardea check` shows them')
  }
  const { policies } = parsePolicySources(portable(sources).policies)
  const schema = createSchema(definition)
  const served = audiences.length === 0 ? [{}] : audiences
  return served.map(({ actions }: { readonly actions?: readonly string[] | undefined }) => {
    return createPlan({ policies, schema, ...(actions === undefined ? {} : { actions }) }).digest
  })
}

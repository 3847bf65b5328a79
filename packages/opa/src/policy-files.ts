// The policy of one audience for OPA: modules of Rego and their data. Every number that decides by itself, such as the end of the bundle,
// is in `data.cardea_data.settings`.

import type { CompiledBundle, PublishedContent } from '@cardea/feed'
import type { OpaObject } from './bundle/opa-json.ts'
import { maskPolicy } from './report/mask-policy.ts'
import { libraryModules, type Modules } from './rego/library.ts'
import { policyModules } from './rego/policy-modules.ts'
import { settingsOf } from './rego/settings.ts'

/**
 * What the policy bundle owns in `data`. No data are below `cardea`, where the rules are: before it takes a bundle, OPA looks for data in the
 * place of each rule, and for that copies all that is above it.
 */
export const OPA_POLICY_ROOTS = [
  'cardea/policy',
  'cardea/cedar',
  'cardea/token',
  'cardea/authz',
  'cardea_data/scopes',
  'cardea_data/settings',
  'system/log',
] as const

/** What the policies do not say of themselves. */
export interface OpaFacts {
  readonly issuer: string
  /** The entity types of people and of clients. */
  readonly principalType: string
  readonly clientType: string
  /** The longest life of a token for the audience. */
  readonly maxLifetimeSeconds: number
  /** The actions that the audience decides; `undefined`: all. */
  readonly actions?: readonly string[] | undefined
}

export interface OpaPolicyFiles {
  /** Rego v1 by file name, each with a package under one of the roots. */
  readonly modules: Modules
  /** All of `data` that the modules read, but for the news. */
  readonly data: OpaObject
}

/**
 * Throws `ERR_OPA_CONSTRUCT` for a policy that has no exact Rego, and `ERR_CLAIMS_PLAN_UNREACHABLE`. The same bundle and facts make the
 * same files. Cost: linear in the policies.
 */
export function opaPolicyFiles(
  { content, program, schema }: CompiledBundle<PublishedContent>,
  facts: OpaFacts,
): OpaPolicyFiles {
  const { policies, forbidErrors } = program
  const { plans, policies: sources } = content
  const settings = settingsOf({ policies, schema, plans, actions: facts.actions })
  const { modules, scopes } = policyModules({ policies, schema, forbidErrors, sources, plans })
  return {
    modules: new Map([
      ...modules,
      ...libraryModules('token'),
      ...libraryModules('authz'),
      ['system/log/mask.rego', maskPolicy],
    ]),
    data: { cardea_data: { scopes, settings: { ...settings, ...identityOf(content, facts) } } },
  }
}

function identityOf({ audience, revision, digest, notAfterSeconds }: PublishedContent, facts: OpaFacts): OpaObject {
  return {
    format: 1,
    issuer: facts.issuer,
    audience,
    revision,
    digest,
    not_after: notAfterSeconds,
    principal_type: facts.principalType,
    client_type: facts.clientType,
    max_lifetime: facts.maxLifetimeSeconds,
  }
}

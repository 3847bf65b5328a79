// The policies of an audience as Rego, before they are published: what Rego cannot say exactly is found out now, and not when an OPA asks.

import { compileBundle, type PublishedContent } from '@cardea/feed'
import { type OpaFacts, opaPolicyFiles } from '@cardea/opa'
import type { AudienceSettings, Settings } from '../options.ts'

/** What the policies do not say of themselves. */
export function opaFacts(
  { tokenSeconds, actions }: Pick<AudienceSettings, 'tokenSeconds' | 'actions'>,
  { issuer, principalType, clientType }: Pick<Settings, 'issuer' | 'principalType' | 'clientType'>,
): OpaFacts {
  return { issuer, principalType, clientType, maxLifetimeSeconds: tokenSeconds, actions }
}

/** Errors: those of `opaPolicyFiles`. */
export function checkOpaFiles(content: PublishedContent, facts: OpaFacts): void {
  opaPolicyFiles(compileBundle(content), facts)
}

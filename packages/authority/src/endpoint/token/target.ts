// What the token is for (RFC 8693 `audience`, RFC 8707 `resource`): exactly one audience, which the client may ask for.

import { AuthorityError } from '../../errors.ts'
import type { AudienceSettings } from '../../options.ts'
import type { OwnPolicy } from '../../own-policy/own-policy.ts'
import type { ClientRecord } from '../../store/records.ts'

/** Errors: `ERR_AUTHORITY_TARGET`, `ERR_AUTHORITY_SCOPE`. */
export function readTarget(
  parameters: ReadonlyMap<string, string>,
  audiences: readonly AudienceSettings[],
): AudienceSettings {
  refuseScopes(parameters)
  return audienceOf(targetOf(parameters), audiences)
}

/** Errors: `ERR_AUTHORITY_TARGET`. */
export function audienceOf(target: string | undefined, audiences: readonly AudienceSettings[]): AudienceSettings {
  const audience = audiences.find(({ id }) => id === target)
  if (audience === undefined) throw new AuthorityError('ERR_AUTHORITY_TARGET', 'no such audience is served')
  return audience
}

/** The one target that is named, or `undefined`. Errors: `ERR_AUTHORITY_TARGET` for two. */
export function targetOf(parameters: ReadonlyMap<string, string>): string | undefined {
  const audience = parameters.get('audience')
  const resource = parameters.get('resource')
  if (audience !== undefined && resource !== undefined && audience !== resource) {
    throw new AuthorityError('ERR_AUTHORITY_TARGET', 'a token has one audience')
  }
  return audience ?? resource
}

/** What a token holds follows from the policy and the grants; asking for fewer of these is `details.ts`. Errors: `ERR_AUTHORITY_SCOPE`. */
export function refuseScopes(parameters: ReadonlyMap<string, string>): void {
  if (parameters.has('scope')) throw new AuthorityError('ERR_AUTHORITY_SCOPE')
}

/** The same of tokens that others hold: whose for what it may exchange for what. Errors: `ERR_AUTHORITY_TARGET`. */
export function allowExchange(client: ClientRecord, from: string, to: string, ownPolicy: OwnPolicy): void {
  if (ownPolicy.exchangesToken(client, from, to).decision === 'allow') return
  throw new AuthorityError('ERR_AUTHORITY_TARGET', 'no such audience is served')
}

/** Default deny: the authority's own policy says which client gets tokens for which audience. Errors: `ERR_AUTHORITY_TARGET`. */
export function allowTarget(client: ClientRecord, audience: string, ownPolicy: OwnPolicy): void {
  if (ownPolicy.obtainsToken(client, audience).decision === 'allow') return
  // the same words as for an audience that does not exist
  throw new AuthorityError('ERR_AUTHORITY_TARGET', 'no such audience is served')
}

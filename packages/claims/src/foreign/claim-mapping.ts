// How the access token of an identity provider says who the principal is. Written once, checked against the schema by the
// compiler and at start. Everything that the schema can ask of the principal is named, if only to say that it never comes.

import type { AttributeDefinition, EntityTypeDefinition, Schema, SchemaDefinition } from '@cardea/policy'
import { ClaimsError } from '../errors.ts'
import { ancestorTypes } from '../plan/schema-types.ts'
import { ownField } from '../principal/claim-value.ts'

/**
 * A claim by its exact name, or by the path to it through objects: `'https://acme.example/department'`,
 * `['realm_access', 'roles']`.
 */
export type ClaimPath = string | readonly string[]

/** Where memberships stand. A missing claim is refused unless it is known to mean "in none". */
export type MembershipSource = ClaimPath | { readonly claim: ClaimPath; readonly whenMissing: 'none' }

/** A mapping for one of the entity types of a schema. `null` says that these tokens never have it. */
export type ClaimMapping<S extends SchemaDefinition = SchemaDefinition> = {
  readonly [T in keyof S['entities'] & string]: {
    /** `id` is a claim that never changes hands: `sub`, or `oid` of Entra. */
    readonly principal: { readonly type: T; readonly id: ClaimPath }
    readonly attributes: AttributeSources<S['entities'][T]['attributes']>
    /** For every type that a principal can be in, also by way of others. */
    readonly parents: { readonly [P in S['entities'][T]['parents'][number]]: MembershipSource | null } & {
      readonly [P in keyof S['entities'] & string]?: MembershipSource | null
    }
    readonly tenant?: ClaimPath
  }
}[keyof S['entities'] & string]

type AttributeSources<A extends { readonly [name: string]: AttributeDefinition }> = {
  readonly [N in keyof A]: A[N] extends { readonly optional: true } ? ClaimPath | null : SourceOf<A[N]>
}

/** Of a widened definition, whose attributes are not known, either may stand. */
type SourceOf<D> = AttributeDefinition extends D ? ClaimPath | null : ClaimPath

/**
 * Throws `ERR_CLAIMS_MAPPING` when a type, attribute or parent is unknown or not mapped, or a required one is `null`, and
 * `ERR_CLAIMS_MAPPING_ID` when the id comes from a claim that people can change or hand on.
 */
export function checkClaimMapping(mapping: ClaimMapping, schema: Schema): void {
  const { type, id } = mapping.principal
  const definition = schema.entityType(type)
  if (definition === undefined) throw wrong(`the schema has no entity type \`${type}\``, type)
  checkId(id)
  checkAttributes(mapping, definition)
  checkParents(mapping, schema)
}

/** Names by which the whole path is looked up in the claims. */
export function pathOf(claim: ClaimPath): readonly string[] {
  return typeof claim === 'string' ? [claim] : claim
}

/** OpenID Connect Core, section 5.7: only `iss` and `sub` together identify; the rest can change or be given to another person. */
const CHANGEABLE = new Set([
  'email',
  'emails',
  'preferred_username',
  'upn',
  'unique_name',
  'username',
  'cognito:username',
  'name',
  'given_name',
  'family_name',
  'nickname',
  'phone_number',
  'login_hint',
])

function checkId(id: ClaimPath): void {
  const name = pathOf(id).at(-1)
  if (name === undefined) throw wrong('the id names no claim', 'id')
  if (!CHANGEABLE.has(name)) return
  throw new ClaimsError('ERR_CLAIMS_MAPPING_ID', `\`${name}\` cannot identify a principal`, {
    hint: 'take `sub`: names and addresses change and are given to others',
    member: name,
  })
}

function checkAttributes({ principal, attributes }: ClaimMapping, definition: EntityTypeDefinition): void {
  for (const name of Object.keys(attributes)) {
    if (!Object.hasOwn(definition.attributes, name)) {
      throw wrong(`entity type \`${principal.type}\` has no attribute \`${name}\``, name)
    }
  }
  for (const [name, attribute] of Object.entries(definition.attributes)) {
    const source = ownField<ClaimPath | null | undefined>(attributes, name)
    if (source === undefined) throw wrong(`attribute \`${name}\` is not mapped`, name, NEVER)
    if (source === null && attribute.optional !== true) {
      throw wrong(`attribute \`${name}\` is required and cannot be \`null\``, name)
    }
  }
}

function checkParents({ principal, parents }: ClaimMapping, schema: Schema): void {
  const possible = ancestorTypes(schema, principal.type)
  for (const type of Object.keys(parents)) {
    if (!possible.has(type)) throw wrong(`a \`${principal.type}\` is never in a \`${type}\``, type)
  }
  for (const type of possible) {
    if (ownField<MembershipSource | null | undefined>(parents, type) === undefined) {
      throw wrong(`memberships in \`${type}\` are not mapped`, type, NEVER)
    }
  }
}

const NEVER = 'name the claim, or say `null` if these tokens never have it'

function wrong(message: string, member: string, hint?: string): ClaimsError {
  return new ClaimsError('ERR_CLAIMS_MAPPING', message, hint === undefined ? { member } : { member, hint })
}

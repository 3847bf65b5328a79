// What the token will say of its subject: what the audience's policies read, packed by the plan of the current revision.
// INVARIANT: the position is read before the grants, so a grant taken away later has a greater number.

import type { Position } from '@cardea/feed'
import {
  ClaimsError,
  type Grant,
  type PrincipalClaims,
  packPrincipal,
  packPrincipalByReference,
  type PrincipalInput,
  type ReferringClaims,
} from '@cardea/claims'
import { type EntityUid, entityUid, PolicyError, type TypeDefinition, type Value } from '@cardea/policy'
import { valueFromJson } from '@cardea/policy/json'
import { AuthorityError } from '../../errors.ts'
import type { Parts } from '../../parts.ts'
import type { Published } from '../../publication/published.ts'
import type { ClientRecord, GrantRecord, ProvidedFacts } from '../../store/records.ts'
import type { StoreView } from '../../store/store.ts'
import { type Narrowing, narrow } from './details.ts'
import type { Packed, Referred } from './issue.ts'

export interface PersonRequest {
  /** The principal's id. */
  readonly principal: string
  readonly tenant: string
  readonly provided: Pick<ProvidedFacts, 'attributes' | 'parents'>
  readonly audience: string
  readonly narrowing: Narrowing
  /** Read in the same transaction, before anything else was. */
  readonly position: Position
}

/** Errors: `ERR_AUTHORITY_NO_POLICY`, `ERR_AUTHORITY_CLAIMS`, `ERR_AUTHORITY_BUDGET`, `ERR_AUTHORITY_DETAILS`. */
export async function packPerson(request: PersonRequest, view: StoreView, parts: Parts): Promise<Packed> {
  const { principal, tenant, provided, audience, narrowing, position } = request
  const entry = parts.directory.find(principal)
  return pack(
    {
      principal: entityUid(parts.settings.principalType, principal),
      tenant,
      attributes: new Map([...provided.attributes, ...(entry?.attributes ?? [])]),
      ancestors: unique([...provided.parents, ...(entry?.parents ?? [])]),
      audience,
      narrowing,
      position,
    },
    view,
    parts,
  )
}

/** A client that asks for itself. Errors: those of `packPerson`. */
export async function packClient(
  client: ClientRecord,
  audience: string,
  narrowing: Narrowing,
  view: StoreView,
  parts: Parts,
): Promise<Packed> {
  const [tenant, ...others] = client.tenants
  return pack(
    {
      principal: entityUid(parts.settings.clientType, client.id),
      tenant: others.length > 0 || tenant === '*' ? undefined : tenant,
      attributes: new Map(),
      ancestors: [],
      audience,
      narrowing,
      position: await view.position(),
    },
    view,
    parts,
  )
}

interface PackRequest {
  readonly principal: EntityUid
  readonly tenant: string | undefined
  readonly attributes: ReadonlyMap<string, unknown>
  readonly ancestors: readonly EntityUid[]
  readonly audience: string
  readonly narrowing: Narrowing
  readonly position: Position
}

async function pack(request: PackRequest, view: StoreView, { publisher, settings, now }: Parts): Promise<Packed> {
  const { principal, tenant, ancestors, audience, narrowing, position } = request
  const published = publisher.current()
  const plan = published?.plans.get(audience)
  if (published === undefined || plan === undefined) throw new AuthorityError('ERR_AUTHORITY_NO_POLICY')
  const records = tenant === undefined ? [] : await view.grantsOf(tenant, [principal, ...ancestors], now())
  const held = records
    .map(grantOf)
    // one whose type the schema has lost can mean nothing
    .filter(({ resource }) => published.schema.entityType(resource.type) !== undefined)
    // one from before its template was given `@until`
    .filter(({ template, untilSeconds }) => untilSeconds !== undefined || !published.ending.has(template))
  const grants = narrow(held, narrowing, now())
  const granted = isNarrowed(narrowing) ? grants.filter(({ template }) => plan.templates.includes(template)) : undefined
  if (narrowing.requested !== undefined && granted?.length === 0) {
    throw new AuthorityError('ERR_AUTHORITY_DETAILS', 'nothing is left of the details that were asked for')
  }
  const input: PrincipalInput = {
    principal,
    tenant,
    attributes: orRefused(() => valuesOf(request, published)),
    ancestors,
    grants,
  }
  const refer = (): Referred => {
    const place = { issuer: settings.issuer, audience }
    const { claims, set } = orRefused(() => packPrincipalByReference(input, plan, published.schema, place))
    return { claims: jsonClaims(claims), grantSet: set }
  }
  const mayRefer = settings.audiences.some(({ id, grantsByReference }) => id === audience && grantsByReference)
  try {
    const claims = packPrincipal(input, plan, published.schema)
    return { position, tenant, claims: jsonClaims(claims), refer: mayRefer ? refer : undefined, granted }
  } catch (cause) {
    if (mayRefer && isTooMany(cause)) return { position, tenant, ...refer(), granted }
    throw refusal(cause)
  }
}

/** Errors: `ERR_AUTHORITY_CLAIMS`, `ERR_AUTHORITY_BUDGET`. */
function orRefused<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw refusal(cause)
  }
}

function refusal(cause: unknown): unknown {
  if (isTooMany(cause)) return new AuthorityError('ERR_AUTHORITY_BUDGET', undefined, { cause })
  if (cause instanceof ClaimsError || cause instanceof PolicyError) {
    return new AuthorityError('ERR_AUTHORITY_CLAIMS', undefined, { cause })
  }
  return cause
}

function isTooMany(cause: unknown): boolean {
  const { code } = cause instanceof ClaimsError ? cause : {}
  return code === 'ERR_CLAIMS_GRANTS_LIMIT' || code === 'ERR_CLAIMS_GRANT_SET_LIMIT'
}

function isNarrowed({ recorded, requested }: Narrowing): boolean {
  return recorded !== undefined || requested !== undefined
}

/** Attributes that the schema does not have are left out; the others must have its types. */
function valuesOf({ principal, attributes }: PackRequest, { schema }: Published): ReadonlyMap<string, Value> {
  const definitions = schema.entityType(principal.type)?.attributes ?? {}
  const values = new Map<string, Value>()
  for (const [name, json] of attributes) {
    const definition = Object.hasOwn(definitions, name) ? definitions[name] : undefined
    if (definition !== undefined) values.set(name, valueOf(json, definition))
  }
  return values
}

/** A provider names an entity by its id alone; the schema says of what type. */
function valueOf(json: unknown, definition: TypeDefinition): Value {
  if (definition.type === 'Entity' && typeof json === 'string') return entityUid(definition.name, json)
  return valueFromJson(json, definition)
}

function grantOf(record: GrantRecord): Grant {
  const { tenant, template, untilSeconds } = record
  return {
    tenant,
    template,
    grantee: entityUid(record.granteeType, record.granteeId),
    resource: entityUid(record.resourceType, record.resourceId),
    ...(untilSeconds === undefined ? {} : { untilSeconds }),
  }
}

function unique(uids: readonly EntityUid[]): EntityUid[] {
  return [...new Map(uids.map((uid) => [JSON.stringify([uid.type, uid.id]), uid])).values()]
}

/** The claims as they will be read: plain JSON. */
function jsonClaims(claims: PrincipalClaims | ReferringClaims): Packed['claims'] {
  const json: Packed['claims'] = JSON.parse(JSON.stringify(claims))
  return json
}

// The byte budget of a token. A token over it is never issued, and a plan that could not keep it is found when policy is
// built, not when the first user with many roles signs in.

import type { AttributeDefinition, Schema, TypeDefinition } from '@cardea/policy'
import { ClaimsError } from './errors.ts'
import { type ClaimsPlan, plannedPrincipal } from './plan/plan.ts'

export interface BudgetOptions {
  /** The whole token, in characters of its compact form. Default 8192, what common servers take as one header line. */
  readonly maxTokenBytes?: number
  /** The header's JSON; 96 by default, enough for `alg`, `typ` and a thumbprint as `kid`. */
  readonly headerBytes?: number
  /** The raw signature: 64 for ES256 and EdDSA (default), 256 for RS256 and PS256 with 2048 bits. */
  readonly signatureBytes?: number
}

/** What people at most have. Sizes of ids and texts in bytes. */
export interface WorstCase {
  /** Over all templates; each is taken for a UUID. Default 200. */
  readonly grants?: number
  /** Groups of grants with the same grantee, template and resource type. Default 30. */
  readonly grantGroups?: number
  /** Memberships per type. Default 10. */
  readonly memberships?: number
  /** Elements of a set attribute. Default 10. */
  readonly setElements?: number
  /** A text or an id in an attribute or a membership. Default 36. */
  readonly textBytes?: number
  /** All other claims together. Default 512. */
  readonly otherClaimBytes?: number
}

/** Bytes of the compact form of a token with these claims, or with claims of that many bytes of JSON. */
export function tokenBytes(claims: object | number, options: BudgetOptions = {}): number {
  const payload = typeof claims === 'number' ? claims : Buffer.byteLength(JSON.stringify(claims))
  const parts = [options.headerBytes ?? 96, payload, options.signatureBytes ?? 64]
  return parts.reduce((sum, bytes) => sum + Math.ceil((bytes * 4) / 3), 2)
}

/** The size, when it is within the budget. Takes a token, the bytes of one, or its claims. Throws `ERR_CLAIMS_BUDGET`. */
export function checkBudget(token: string | number | object, options: BudgetOptions = {}): number {
  const sizeBytes =
    typeof token === 'number' ? token : typeof token === 'string' ? token.length : tokenBytes(token, options)
  const maxTokenBytes = options.maxTokenBytes ?? 8192
  if (sizeBytes > maxTokenBytes) {
    const message = `the token would be ${sizeBytes} bytes, and the budget is ${maxTokenBytes}`
    throw new ClaimsError('ERR_CLAIMS_BUDGET', message, { sizeBytes, maxTokenBytes })
  }
  return sizeBytes
}

/** Bytes of the token of the largest principal that is expected: for `checkBudget` when policy is built. */
export function worstCaseBytes(
  plan: ClaimsPlan,
  schema: Schema,
  worst: WorstCase = {},
  options: BudgetOptions = {},
): number {
  const text = (worst.textBytes ?? 36) + QUOTES_AND_COMMA
  const types = Object.keys(plan.principals).map((type) => {
    const planned = plannedPrincipal(plan, type)
    const attributes = planned.attributes.map(({ path }) => {
      const definition = definitionAt(schema.entityType(type)?.attributes ?? {}, path)
      return nameBytes(path) + (definition === undefined ? 0 : valueBytes(definition, worst, text))
    })
    const groups = planned.ancestors.map(
      (ancestor) => nameBytes([ancestor.type]) + 2 + (worst.memberships ?? 10) * text,
    )
    return sum(attributes) + sum(groups)
  })
  const grants = (worst.grants ?? 200) * UUID_BYTES + (worst.grantGroups ?? 30) * (GROUP_BYTES + text)
  return tokenBytes((worst.otherClaimBytes ?? 512) + Math.max(0, ...types) + grants, options)
}

const QUOTES_AND_COMMA = 3
const UUID_BYTES = 22
/** `[12,12,""],` and a grantee's own brackets. */
const GROUP_BYTES = 18

function valueBytes(type: TypeDefinition, worst: WorstCase, text: number): number {
  switch (type.type) {
    case 'Bool':
      return 6
    case 'Long':
      return 21
    case 'Set':
      return 3 + (worst.setElements ?? 10) * valueBytes(type.element, worst, text)
    case 'Record':
      return (
        3 +
        sum(Object.entries(type.attributes).map(([name, field]) => nameBytes([name]) + valueBytes(field, worst, text)))
      )
    case 'String':
    case 'Entity':
    case 'decimal':
    case 'ipaddr':
    case 'datetime':
    case 'duration':
      return text
    default:
      return type satisfies never
  }
}

function definitionAt(
  attributes: { readonly [name: string]: AttributeDefinition },
  path: readonly string[],
): AttributeDefinition | undefined {
  const [first, ...rest] = path
  const definition = first !== undefined && Object.hasOwn(attributes, first) ? attributes[first] : undefined
  return rest.length === 0 || definition?.type !== 'Record' ? definition : definitionAt(definition.attributes, rest)
}

function nameBytes(path: readonly string[]): number {
  return sum(path.map((name) => Buffer.byteLength(JSON.stringify(name)) + 3))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

// Who, what and on which, of one event: from the result of Cedar-made Rego, and what is missing there from the input. Of an input only the
// action, the principal and the resource are read, where they have the form of one; all else may be a secret.

import { actionName, type EntityUid, entityUid, formatEntityUid, parseEntityUid } from '@cardea/policy'
import type { JsonValue } from '@cardea/token'
import { membersOf, type Slice, valueAt } from './json-slices.ts'
import { safeText, safeTexts } from './safe-text.ts'
import { wholeDecision } from './verdict.ts'

/** The members of a decision record that an event can tell. */
export interface Facts {
  readonly action?: string
  readonly principal?: string
  readonly resource?: string
  readonly tenant?: string
  readonly tokenId?: string
  readonly sid?: string
  readonly revision?: number
  readonly remedy?: string
  /** Ids of the policies that determined it. */
  readonly policies: readonly string[]
  /** `policy: code` of those that could not be evaluated. */
  readonly errors?: readonly string[]
}

const MAX_POLICIES = 100
const OF_RESULT = [
  'action',
  'principal',
  'resource',
  'tenant',
  'jti',
  'sid',
  'revision',
  'determining',
  'errors',
  'remedy',
] as const
const OF_INPUT = ['action', 'principal', 'resource'] as const

export function factsOf(bytes: Uint8Array, result: Slice | undefined, input: Slice | undefined): Facts {
  const whole = wholeDecision(bytes, membersIn(bytes, result, ['decision']).decision)
  const said = membersIn(bytes, whole ?? result, OF_RESULT)
  const asked = membersIn(bytes, input, OF_INPUT)
  const read = (name: (typeof OF_RESULT)[number]): JsonValue | undefined => valueAt(bytes, said[name])
  const errors = faultsOf(read('errors'))
  const revision = read('revision')
  return withoutNothing({
    action: actionOf(read('action')) ?? actionOf(valueAt(bytes, asked.action)),
    principal: entityOf(read('principal')) ?? entityOf(valueAt(bytes, asked.principal)),
    resource: entityOf(read('resource')) ?? entityOf(valueAt(bytes, asked.resource)),
    tenant: safeText(read('tenant')),
    tokenId: safeText(read('jti')),
    sid: safeText(read('sid')),
    revision: isCount(revision) ? revision : undefined,
    remedy: remedyOf(read('remedy')),
    policies: safeTexts(read('determining'), MAX_POLICIES),
    errors: errors.length === 0 ? undefined : errors,
  })
}

function membersIn<Name extends string>(
  bytes: Uint8Array,
  slice: Slice | undefined,
  names: readonly Name[],
): Readonly<Partial<Record<Name, Slice>>> {
  const none: Partial<Record<Name, Slice>> = {}
  return (slice === undefined ? undefined : membersOf(bytes, slice, names)) ?? none
}

function remedyOf(value: JsonValue | undefined): string | undefined {
  return isObject(value) ? safeText(value['kind']) : undefined
}

/** As guards name it: `view`, `Docs::view`. */
function actionOf(value: JsonValue | undefined): string | undefined {
  const uid = typeof value === 'string' ? (parseEntityUid(value) ?? value) : uidOf(value)
  return safeText(typeof uid === 'object' ? actionName(uid) : uid)
}

/** As guards spell it, so that it is found and erased like theirs. */
function entityOf(value: JsonValue | undefined): string | undefined {
  const uid = typeof value === 'string' ? parseEntityUid(value) : uidOf(value)
  return uid === undefined ? undefined : safeText(formatEntityUid(uid))
}

function uidOf(value: JsonValue | undefined): EntityUid | undefined {
  if (!isObject(value)) return undefined
  const { type, id } = value
  if (typeof type !== 'string' || typeof id !== 'string') return undefined
  const uid = entityUid(type, id)
  // a type that is none would make a text that reads as another entity
  return parseEntityUid(formatEntityUid(uid))
}

function faultsOf(value: JsonValue | undefined): readonly string[] {
  if (!Array.isArray(value)) return []
  return value.slice(0, MAX_POLICIES).flatMap((one: JsonValue) => {
    if (!isObject(one)) return []
    const [policy, code] = [safeText(one['policy']), safeText(one['code'])]
    return policy === undefined || code === undefined ? [] : [policy === '' ? code : `${policy}: ${code}`]
  })
}

export function isObject(value: JsonValue | undefined): value is { readonly [name: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

function withoutNothing(facts: { readonly [Name in keyof Facts]-?: Facts[Name] | undefined }): Facts {
  const known = Object.entries(facts).filter(([, value]) => value !== undefined)
  return { policies: facts.policies ?? [], ...Object.fromEntries(known) }
}

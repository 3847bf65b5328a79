// What an OPA says of itself: which bundles it has, since when, and what went wrong. Messages are left out, for they may say anything; codes are kept.
// https://www.openpolicyagent.org/docs/management-status

import type { JsonValue } from '@cardea/token'
import { OpaError } from '../errors.ts'
import { isObject } from './facts.ts'
import { elementsOf, firstMembersOf, membersOf, type Slice, valueAt, wholeOf } from './json-slices.ts'
import { instanceOf } from './read-event.ts'
import { safeText } from './safe-text.ts'

export interface OpaStatus {
  /** `labels.id`: the name that the OPA gives itself, another one each start. */
  readonly instance: string
  readonly version: string | undefined
  /** In the order of the report. */
  readonly bundles: readonly OpaBundleStatus[]
  readonly discovery: OpaBundleStatus | undefined
  /** Of the upload of decision logs: codes, empty when it works. */
  readonly logErrors: readonly string[]
}

export interface OpaBundleStatus {
  readonly name: string
  /** `undefined` before the first activation. */
  readonly revision: string | undefined
  readonly activatedAtSeconds: number | undefined
  /** Codes, empty when all is well: `bundle_error`, `http_404`, `rego_type_error`. */
  readonly errors: readonly string[]
}

const MEMBERS = ['labels', 'bundles', 'discovery', 'decision_logs'] as const
const OF_BUNDLE = ['name', 'active_revision', 'last_successful_activation', 'code', 'http_code', 'errors'] as const
const MAX_BUNDLES = 16
const MAX_ERRORS = 8
const MAX_LISTED_ERRORS = 1000
const CODE = /^[\w.-]{1,64}$/

/** Errors: `ERR_OPA_REPORT` for what is no report, or does not say of whom. Other members than these are not read. */
export function readStatus(bytes: Uint8Array): OpaStatus {
  const members = membersOf(bytes, wholeOf(bytes), MEMBERS)
  if (members === undefined) throw new OpaError('ERR_OPA_REPORT', 'a status report is not an object')
  const labels = valueAt(bytes, members.labels)
  const instance = isObject(labels) ? instanceOf(labels['id']) : undefined
  if (!isObject(labels) || instance === undefined) {
    throw new OpaError('ERR_OPA_REPORT', '`labels.id` of a status report is missing or has the wrong form')
  }
  const log = members.decision_logs
  return {
    instance: instance.shown,
    version: safeText(labels['version'])?.slice(0, 64),
    bundles: bundlesAt(bytes, members.bundles),
    discovery: members.discovery === undefined ? undefined : bundleAt(bytes, members.discovery, 'discovery'),
    logErrors: log === undefined ? [] : errorsAt(bytes, membersOf(bytes, log, OF_BUNDLE) ?? {}),
  }
}

function bundlesAt(bytes: Uint8Array, slice: Slice | undefined): readonly OpaBundleStatus[] {
  if (slice === undefined) return []
  return firstMembersOf(bytes, slice, MAX_BUNDLES).flatMap(([name, one]) => bundleAt(bytes, one, name) ?? [])
}

/** `undefined` for `null`: nothing is known of it yet. */
function bundleAt(bytes: Uint8Array, slice: Slice, name: string): OpaBundleStatus | undefined {
  const members = membersOf(bytes, slice, OF_BUNDLE)
  if (members === undefined) return undefined
  const revision = safeText(valueAt(bytes, members.active_revision))
  return {
    name: safeText(name) ?? '',
    revision: revision === '' ? undefined : revision,
    activatedAtSeconds: timeOf(valueAt(bytes, members.last_successful_activation)),
    errors: errorsAt(bytes, members),
  }
}

/** Each once. What has a message and no code has none here either. */
function errorsAt(bytes: Uint8Array, members: Readonly<Partial<Record<(typeof OF_BUNDLE)[number], Slice>>>): string[] {
  const status = valueAt(bytes, members.http_code)
  const inner = members.errors === undefined ? [] : (elementsOf(bytes, members.errors, MAX_LISTED_ERRORS) ?? [])
  const codes = [
    valueAt(bytes, members.code),
    (typeof status === 'number' || typeof status === 'string') && /^\d{3}$/.test(String(status))
      ? `http_${status}`
      : undefined,
    ...inner.map((one) => valueAt(bytes, membersOf(bytes, one, ['code'])?.code)),
  ]
  const known = codes.filter((code): code is string => typeof code === 'string' && CODE.test(code))
  return [...new Set(known)].slice(0, MAX_ERRORS)
}

/** Go says the year 1 for never. */
function timeOf(value: JsonValue | undefined): number | undefined {
  const milliseconds = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return milliseconds > 0 ? Math.floor(milliseconds / 1000) : undefined
}

// A decision record as it was written to a file, read strictly: what a crash or somebody's hand left there must not become a record,
// nor keep others from being taken.

import { isObject } from '../wire/json.ts'
import type { DecisionRecord } from './decision-record.ts'
import { MAX_POLICIES, MAX_TEXT } from './bounded-report.ts'

const isText = (value: unknown): boolean =>
  typeof value === 'string' && value.length <= MAX_TEXT && !/\p{Cc}/u.test(value)
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0
const isTextList = (value: unknown): boolean =>
  Array.isArray(value) && value.length <= MAX_POLICIES && value.every(isText)
const oneOf =
  (...texts: readonly string[]) =>
  (value: unknown): boolean =>
    typeof value === 'string' && texts.includes(value)

const REQUIRED: { readonly [name: string]: (value: unknown) => boolean } = {
  id: isText,
  n: isCount,
  start: isText,
  service: isText,
  at: (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value),
  decision: oneOf('allow', 'deny'),
  reason: isText,
  policies: isTextList,
  checkpoint: oneOf('authenticate', 'route', 'resource', 'filter'),
  correlation: isText,
}

const OPTIONAL: { readonly [name: string]: (value: unknown) => boolean } = {
  action: isText,
  principal: isText,
  tenant: isText,
  resource: isText,
  decider: isText,
  tokenId: isText,
  sid: isText,
  revision: isCount,
  durationMicroseconds: (value) => typeof value === 'number' && value >= 0,
  remedy: isText,
  mismatches: isTextList,
  breakGlass: isText,
  lost: isCount,
  repeats: isCount,
}

/** `undefined` for a line that is not one whole record. */
export function readRecord(line: string): DecisionRecord | undefined {
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch {
    return undefined
  }
  return isRecord(json) ? json : undefined
}

function isRecord(json: unknown): json is DecisionRecord {
  if (!isObject(json)) return false
  return (
    Object.entries(REQUIRED).every(([name, accepts]) => Object.hasOwn(json, name) && accepts(json[name])) &&
    Object.entries(json).every(
      ([name, value]) =>
        Object.hasOwn(REQUIRED, name) || (Object.hasOwn(OPTIONAL, name) && OPTIONAL[name]?.(value) === true),
    )
  )
}

// The rule that an OPA was asked for, in one spelling: `app/allow` for `app/allow`, `/app/allow`, `data.app.allow`, `/v1/data/app/allow`.

import type { JsonValue } from '@cardea/token'
import { safeText } from './safe-text.ts'

/** `undefined` for what is no path. */
export function parsePath(value: JsonValue | undefined): string | undefined {
  // a token has dots: before they mean anything
  const text = safeText(value)?.trim()
  if (text === undefined || text === '') return undefined
  const parts = (text.includes('/') ? text.split('/') : text.split('.')).filter((part) => part !== '')
  const version = /^v[01]$/.test(parts[0] ?? '') && parts[1] === 'data' ? 1 : 0
  const rule = parts.slice(parts[version] === 'data' ? version + 1 : 0)
  return rule.length === 0 ? 'data' : rule.join('/')
}

// How often the news of an audience are made anew when nothing has changed: a third of the tightest freshness bound of its actions, so that
// an OPA that misses one is not stale yet.

import type { SchemaDefinition } from '@cardea/policy'
import { maxStaleSecondsOf } from '@cardea/policy/annotation'
import type { AudienceSettings } from '../../options.ts'

/** Where no action has a bound. A token may end sooner than its audience's do, and its end is then the bound. */
const UNBOUNDED_SECONDS = 30
const LEAST_SECONDS = 1

export function newsSeconds(
  definition: SchemaDefinition | undefined,
  { actions, tokenSeconds }: Pick<AudienceSettings, 'actions' | 'tokenSeconds'>,
): number {
  const bounds = Object.entries(definition?.actions ?? {})
    .filter(([name]) => actions === undefined || actions.includes(name))
    .flatMap(([, action]) => maxStaleSecondsOf(action) ?? [])
  return Math.max(LEAST_SECONDS, Math.min(UNBOUNDED_SECONDS, tokenSeconds, ...bounds) / 3)
}

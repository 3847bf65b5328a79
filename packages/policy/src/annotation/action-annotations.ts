// What the annotations of an action ask of whoever enforces it, the same in a guard and in an OPA: how old the news may be, and what
// becomes of a request that the token's binding does not fit. INVARIANT: what is not said, or means nothing, is the stricter.

import type { ActionDefinition } from '../schema/definition.ts'
import { parseDuration } from '../value/duration.ts'
import { annotationOf, MISMATCH_MODES, type MismatchMode } from './annotations.ts'

/** What a token can be bound to. */
export type MismatchKind = 'key' | 'certificate' | 'address' | 'tenant'

export type MismatchRule = { readonly [Kind in MismatchKind]: MismatchMode }

/** `@sensitive` without a number of its own. */
const SENSITIVE_SECONDS = 5

/** Seconds that news may be old; `undefined`: as old as the token may get. Not always whole. */
export function maxStaleSecondsOf(definition: Pick<ActionDefinition, 'annotations'>): number | undefined {
  const duration = parseDuration(annotationOf(definition, 'maxStale') ?? '')
  if (duration !== undefined) return Number(duration.milliseconds) / 1000
  return annotationOf(definition, 'sensitive') === undefined ? undefined : SENSITIVE_SECONDS
}

/** What the action does about a binding that does not fit, by kind: `@addressMismatch` and the like. */
export function mismatchRuleOf(definition: Pick<ActionDefinition, 'annotations'>): MismatchRule {
  return Object.freeze({
    key: modeNamed(annotationOf(definition, 'keyMismatch')),
    certificate: modeNamed(annotationOf(definition, 'certificateMismatch')),
    address: modeNamed(annotationOf(definition, 'addressMismatch')),
    tenant: modeNamed(annotationOf(definition, 'tenantMismatch')),
  })
}

/** The strictest of what the rule says of several kinds. */
export function strictestMode(rule: MismatchRule, kinds: readonly MismatchKind[]): MismatchMode {
  return MISMATCH_MODES.find((mode) => kinds.some((kind) => rule[kind] === mode)) ?? 'deny'
}

function modeNamed(value: string | undefined): MismatchMode {
  return MISMATCH_MODES.find((mode) => mode === value) ?? 'deny'
}

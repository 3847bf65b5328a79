// What an action does about a token whose binding does not fit the request, by kind of binding: `@addressMismatch`,
// `@certificateMismatch`, `@keyMismatch`, `@tenantMismatch`. INVARIANT: what is not said is `deny`.

import type { ActionDefinition } from '@cardea/policy'
import { annotationOf, MISMATCH_MODES, type MismatchMode } from '@cardea/policy/annotation'
import type { BindingKind } from '@cardea/token'

export type MismatchRule = { readonly [Kind in BindingKind]: MismatchMode }

/** The values were checked: one that means nothing does not get here, and would deny. */
export function mismatchRuleOf(definition: ActionDefinition): MismatchRule {
  return Object.freeze({
    key: modeNamed(annotationOf(definition, 'keyMismatch')),
    certificate: modeNamed(annotationOf(definition, 'certificateMismatch')),
    address: modeNamed(annotationOf(definition, 'addressMismatch')),
    tenant: modeNamed(annotationOf(definition, 'tenantMismatch')),
  })
}

/** The strictest of what the rule says of several kinds. */
export function strictestMode(rule: MismatchRule, kinds: readonly BindingKind[]): MismatchMode {
  return MISMATCH_MODES.find((mode) => kinds.some((kind) => rule[kind] === mode)) ?? 'deny'
}

function modeNamed(value: string | undefined): MismatchMode {
  return MISMATCH_MODES.find((mode) => mode === value) ?? 'deny'
}

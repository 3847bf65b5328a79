// The context that a handler gives, as Cedar values of the types that the action declares.

import { PolicyError } from '../errors.ts'
import type { Value } from '../value/value.ts'
import type { ActionDefinition, AttributeDefinition } from './definition.ts'
import { inputFields } from './input-value.ts'
import { isReservedContext } from './reserved-context.ts'

/**
 * Converts a handler's context (see `inputValue`): every required name that is not reserved, no other names.
 * Errors: `ERR_POLICY_CONTEXT_RESERVED` when a reserved name is given, `ERR_POLICY_VALUE` for the rest.
 */
export function contextValues(action: ActionDefinition, input: object = {}): ReadonlyMap<string, Value> {
  for (const name of Object.keys(input)) {
    if (!isReservedContext(name)) continue
    throw new PolicyError('ERR_POLICY_CONTEXT_RESERVED', `the context \`${name}\` is reserved`, {
      hint: 'a guard sets it from what it has verified; leave it out',
    })
  }
  return inputFields(handlersPart(action), input, 'code', 'the context')
}

function handlersPart(action: ActionDefinition): { readonly [name: string]: AttributeDefinition } {
  return Object.fromEntries(Object.entries(action.context).filter(([name]) => !isReservedContext(name)))
}

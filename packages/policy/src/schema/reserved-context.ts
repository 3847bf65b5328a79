// The facts of a request that a guard has verified itself. A handler cannot set them: an address or a sign-in time that a
// handler could pass would be one that a caller could choose.

import type { PrimitiveTypeName } from './definition.ts'

export const RESERVED_CONTEXT = ['ip', 'now', 'acr', 'authTime', 'device', 'tenant', 'client'] as const

export type ReservedContext = (typeof RESERVED_CONTEXT)[number]

/** The type that an action must give to a reserved name that it declares. */
export const RESERVED_CONTEXT_TYPES: { readonly [N in ReservedContext]: PrimitiveTypeName } = {
  ip: 'ipaddr',
  now: 'datetime',
  acr: 'String',
  authTime: 'datetime',
  device: 'String',
  tenant: 'String',
  client: 'String',
}

export function isReservedContext(name: string): name is ReservedContext {
  return RESERVED_CONTEXT.some((reserved) => reserved === name)
}

// Methods of addresses and ranges. What each means stands in `value/ip.ts`.
// Cedar reference: docs.cedarpolicy.com/policies/syntax-operators.html#ip-functions

import { isInRange, isLoopback, isMulticast } from '../../value/ip.ts'
import { binaryMethod, method } from './extension.ts'
import type { Extension } from './extension.ts'

export const isIpv4: Extension = method('ipaddr', 'Bool', (ip) => ip.family === 4)
export const isIpv6: Extension = method('ipaddr', 'Bool', (ip) => ip.family === 6)
export const isLoopbackMethod: Extension = method('ipaddr', 'Bool', isLoopback)
export const isMulticastMethod: Extension = method('ipaddr', 'Bool', isMulticast)
export const isInRangeMethod: Extension = binaryMethod(['ipaddr', 'ipaddr'], 'Bool', isInRange)

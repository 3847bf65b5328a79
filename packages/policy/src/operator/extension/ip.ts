// Methods of addresses and ranges. What each means stands in `value/ip.ts`.
// Cedar reference: docs.cedarpolicy.com/policies/syntax-operators.html#ip-functions

import { isInRange, isLoopback, isMulticast } from '../../value/ip.ts'
import { binaryMethod, method, predicate } from './extension.ts'
import type { Extension } from './extension.ts'

export const isIpv4: Extension = predicate(method('ipaddr', (ip) => ip.family === 4))
export const isIpv6: Extension = predicate(method('ipaddr', (ip) => ip.family === 6))
export const isLoopbackMethod: Extension = predicate(method('ipaddr', isLoopback))
export const isMulticastMethod: Extension = predicate(method('ipaddr', isMulticast))
export const isInRangeMethod: Extension = predicate(binaryMethod(['ipaddr', 'ipaddr'], isInRange))

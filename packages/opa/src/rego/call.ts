// Every extension function as Rego. The compiler proves the table total.

import type { Call, ExtensionFunction } from '@cardea/policy'
import { unsupported } from './refusal.ts'

type Translate = (first: string, second: string, node: Call) => string

interface Translation {
  readonly arity: 1 | 2
  readonly translate: Translate
}

/** The term of a call whose arguments are these terms. Throws `ERR_OPA_CONSTRUCT` for a constructor of what is no constant. */
export function callTerm(node: Call, terms: readonly string[]): string {
  const { arity, translate } = CALLS[node.function]
  const [first = '', second = ''] = terms
  // Cedar errs where it is called, whatever its arguments are
  return terms.length === arity ? translate(first, second, node) : 'cedar.error'
}

const CALLS: { readonly [Name in ExtensionFunction]: Translation } = {
  ip: constructor(),
  decimal: constructor(),
  datetime: constructor(),
  duration: constructor(),
  isIpv4: unary((ip) => `cedar.ip_is_family(${ip}, 4)`),
  isIpv6: unary((ip) => `cedar.ip_is_family(${ip}, 6)`),
  isLoopback: unary((ip) => `cedar.ip_is_loopback(${ip})`),
  isMulticast: unary((ip) => `cedar.ip_is_multicast(${ip})`),
  isInRange: binary((inner, outer) => `cedar.ip_is_in_range(${inner}, ${outer})`),
  lessThan: binary((left, right) => `cedar.decimal_less(${left}, ${right})`),
  lessThanOrEqual: binary((left, right) => `cedar.decimal_less_or_equal(${left}, ${right})`),
  greaterThan: binary((left, right) => `cedar.decimal_less(${right}, ${left})`),
  greaterThanOrEqual: binary((left, right) => `cedar.decimal_less_or_equal(${right}, ${left})`),
  offset: binary((start, by) => `cedar.time_offset(${start}, ${by})`),
  durationSince: binary((end, start) => `cedar.time_since(${end}, ${start})`),
  toDate: unary((instant) => `cedar.time_date(${instant})`),
  toTime: unary((instant) => `cedar.time_time(${instant})`),
  toMilliseconds: inUnits(1),
  toSeconds: inUnits(1000),
  toMinutes: inUnits(60_000),
  toHours: inUnits(3_600_000),
  toDays: inUnits(86_400_000),
}

/** Of a constant it was computed before; the text of a request would have to be parsed in Rego. */
function constructor(): Translation {
  return {
    arity: 1,
    translate(_first, _second, node) {
      throw unsupported(`\`${node.function}\` of a text that is no constant has no exact form in Rego`, node, {
        hint: `give the attribute the type \`${node.function === 'ip' ? 'ipaddr' : node.function}\` instead`,
      })
    },
  }
}

function unary(translate: (operand: string) => string): Translation {
  return { arity: 1, translate }
}

function binary(translate: (left: string, right: string) => string): Translation {
  return { arity: 2, translate }
}

function inUnits(milliseconds: number): Translation {
  return unary((duration) => `cedar.duration_in(${duration}, ${milliseconds})`)
}

// Cedar's findings about policies in our words: what is wrong, exactly where, why, and what was meant. Its sentences are told apart by
// their form; one in a form that is not known here is passed on as it is.

import type { Call } from '@cardea/policy'
import type { Finding, Told } from './finding.ts'
import { tellOptional, tellTag, tellUnknownAttribute } from './tell-access.ts'
import { tellScope, tellUnknownAction, tellUnknownId, tellUnknownType } from './tell-scope.ts'
import { tellIncompatible, tellType } from './tell-type.ts'

type Tell = (finding: Finding, ...groups: (string | undefined)[]) => Told

/** The finding; `undefined` when the message has a form that is not known. */
export function describeFinding(message: string, finding: Finding): Told | undefined {
  for (const [form, tell] of FORMS) {
    const match = form.exec(message)
    if (match !== null) return tell(finding, ...match.slice(1))
  }
  return undefined
}

const FORMS: readonly (readonly [form: RegExp, tell: Tell])[] = [
  [
    /^attribute `(.+?)`(?: on entity type `(.+)`| in context for .+)? not found$/,
    (finding, path = '', type) => tellUnknownAttribute(finding, lastOf(finding, path), type),
  ],
  [
    /^unable to guarantee safety of access to optional attribute `(.+?)`(?: on entity type `(.+)`| in context for .+)?$/,
    (finding, path = '', type) => tellOptional(finding, lastOf(finding, path), type),
  ],
  [
    /^unable to guarantee safety of access to tag `(.+)` on entity type `(.+)`$/s,
    (finding, tag = '', type = '') => tellTag(finding, tag, type),
  ],
  [/^unrecognized entity type `(.+)`$/, (finding, type = '') => tellUnknownType(finding, type)],
  [/^unrecognized action `(.+)`$/s, (finding, action = '') => tellUnknownAction(finding, action)],
  [
    /^entity `((.+?)::".*")` is of an enumerated entity type/s,
    (finding, entity = '', type = '') => tellUnknownId(finding, entity, type),
  ],
  [/^unable to find an applicable action given the policy scope constraints$/, tellScope],
  [
    /^unexpected type: expected (.+) but saw (.+)$/,
    (finding, expected = '', seen = '') => tellType(finding, expected, seen),
  ],
  [
    /^the types (.+) and (.+) are not compatible$/,
    (finding, one = '', other = '') => tellIncompatible(finding, one, other),
  ],
  [
    /^empty set literals are forbidden in policies$/,
    ({ span }) => ({
      code: 'ERR_VALIDATE_TYPE',
      message: 'the elements of an empty set are of no type',
      span,
      hint: 'whether a set is empty is asked with `isEmpty()`',
    }),
  ],
  [
    /^wrong number of arguments in extension function application\. Expected (\d+), got (\d+)$/,
    (finding, expected = '', got = '') => tellArguments(finding, Number(expected), Number(got)),
  ],
  [/^error during extension function argument validation: failed to parse as /, tellLiteral],
  [
    /^extension constructors may not be called with non-literal expressions$/,
    (finding) => {
      const call = constructorOf(finding)
      return {
        code: 'ERR_VALIDATE_CALL',
        message: `\`${call?.function ?? 'the function'}\` takes a text as it is written, not a value`,
        span: call?.arguments[0]?.span ?? finding.span,
        label: 'known only when it is decided',
        hint: 'declare the attribute with the type in the schema, then its value is one already',
      }
    },
  ],
  [
    /^policy is impossible: /,
    ({ policy }) => ({
      code: 'ERR_VALIDATE_POLICY_WARNING',
      message: 'the policy is impossible: no request of the schema meets its conditions',
      span: policy.span,
    }),
  ],
  [
    /^(?:string|identifier) .* contains (mixed scripts|BIDI control characters)|confusable/s,
    ({ span }, what) => ({
      code: 'ERR_VALIDATE_POLICY_WARNING',
      message:
        what === 'mixed scripts'
          ? 'the text mixes scripts'
          : 'the text has letters or direction marks that mislead a reader',
      span,
      label: 'not what it looks like',
      hint: 'letters of two alphabets may look the same; write the text anew',
    }),
  ],
]

/** The attribute itself, at the end of a path that Cedar writes with dots. Names may have dots too. */
function lastOf({ node }: Finding, path: string): string {
  const own = node?.kind === 'attribute' && path.endsWith(node.name) ? node.name : undefined
  return own ?? path.slice(path.lastIndexOf('.') + 1)
}

function tellArguments(finding: Finding, expected: number, got: number): Told {
  const { node, span } = finding
  const isMethod = node?.kind === 'call' && !CONSTRUCTORS.has(node.function)
  const self = isMethod ? 1 : 0
  const takes =
    expected - self === 1 ? 'one argument' : expected === self ? 'no argument' : `${expected - self} arguments`
  const last = node?.kind === 'call' && got > expected ? node.arguments.at(-1)?.span : undefined
  return {
    code: 'ERR_VALIDATE_CALL',
    message: `${calledName(finding)} takes ${takes} and has ${got - self}`,
    span: last ?? span,
    label: got > expected ? 'one too many' : 'lacks an argument',
  }
}

function tellLiteral(finding: Finding): Told {
  const call = constructorOf(finding)
  const span = call?.arguments[0]?.span ?? finding.span
  const [what, hint] = CONSTRUCTORS.get(call?.function ?? '') ?? ['value', undefined]
  const message = `\`${finding.textOf(span)}\` is no ${what}`
  return { code: 'ERR_VALIDATE_CALL', message, span, ...(hint === undefined ? {} : { hint }) }
}

/** The call of `ip` and its like. Cedar may point at the call around it. */
function constructorOf({ node }: Finding): Call | undefined {
  const calls = node?.kind === 'call' ? [node, ...node.arguments.filter((part) => part.kind === 'call')] : []
  return calls.find((call) => CONSTRUCTORS.has(call.function))
}

const CONSTRUCTORS: ReadonlyMap<string, readonly [what: string, hint: string]> = new Map([
  ['ip', ['address', 'addresses are `10.1.2.3`, `10.0.0.0/8`, `2001:db8::1` or `2001:db8::/32`']],
  ['decimal', ['decimal', 'decimals have one to four digits behind the point: `1.5`']],
  [
    'datetime',
    ['time', 'times are `2024-12-31`, or `2024-12-31T23:59:59Z` with `.123` before the zone and `+0100` for it'],
  ],
  ['duration', ['duration', 'durations are numbers and units in this order: `1d2h3m4s5ms`']],
])

function calledName({ node }: Finding): string {
  return node?.kind === 'call' ? `\`${node.function}\`` : 'the function'
}

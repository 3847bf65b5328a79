// A policy as Cedar text. Guarantee: parsing the text gives the same policy but for spans and the form of parentheses.
// Cedar reference: docs.cedarpolicy.com/policies/syntax-grammar.html

import { formatEntityUid } from '../entity/uid.ts'
import { formatValue } from '../value/format.ts'
import { quoteText } from '../value/text.ts'
import type { EntityUid } from '../value/value.ts'
import { type BinaryMethod, isBinaryMethod, isExtensionMethod, isName } from '../syntax/names.ts'
import type {
  ActionScope,
  Binary,
  Call,
  Condition,
  Expression,
  Like,
  Policy,
  Scope,
  SlotReference,
} from '../syntax/tree.ts'

/** Cedar text of the policy, with its annotations, without comments. Long conditions are broken at `&&` or `||`. */
export function printPolicy(policy: Policy): string {
  const annotations = [...policy.annotations].map(
    ([name, value]) => `@${name}${value === '' ? '' : `(${quoteText(value)})`}\n`,
  )
  const scope = [
    `principal${printScope(policy.principal)}`,
    `action${printActionScope(policy.action)}`,
    `resource${printScope(policy.resource)}`,
  ]
  const oneLine = `${policy.effect} (${scope.join(', ')})`
  const head = oneLine.length <= LINE ? oneLine : `${policy.effect} (\n  ${scope.join(',\n  ')}\n)`
  return `${annotations.join('')}${head}${policy.conditions.map(printCondition).join('')};\n`
}

/**
 * Cedar text of the expression. A value that has no literal is printed as the call that makes it. A `Fault`, which only
 * residuals hold, is printed as `error("CODE")`, which does not parse.
 */
export function printExpression(expression: Expression): string {
  return print(expression, LEVEL.whole)
}

/** Where a line is broken. */
const LINE = 100

/** How tightly the operators bind. An operand of a lower level than its place wants stands in parentheses. */
const LEVEL = { whole: 0, or: 1, and: 2, relation: 3, add: 4, multiply: 5, unary: 6, member: 7 } as const

type Level = (typeof LEVEL)[keyof typeof LEVEL]

interface Infix {
  readonly symbol: string
  readonly level: Level
  /** What the operands must reach: the left one of a chain is of the same level. */
  readonly left: Level
  readonly right: Level
}

type InfixKind = Exclude<Binary['kind'], BinaryMethod>

const relation = (symbol: string): Infix => ({ symbol, level: LEVEL.relation, left: LEVEL.add, right: LEVEL.add })

const INFIX: { readonly [K in InfixKind]: Infix } = {
  or: { symbol: '||', level: LEVEL.or, left: LEVEL.or, right: LEVEL.and },
  and: { symbol: '&&', level: LEVEL.and, left: LEVEL.and, right: LEVEL.relation },
  equal: relation('=='),
  notEqual: relation('!='),
  less: relation('<'),
  lessEqual: relation('<='),
  greater: relation('>'),
  greaterEqual: relation('>='),
  in: relation('in'),
  add: { symbol: '+', level: LEVEL.add, left: LEVEL.add, right: LEVEL.multiply },
  subtract: { symbol: '-', level: LEVEL.add, left: LEVEL.add, right: LEVEL.multiply },
  multiply: { symbol: '*', level: LEVEL.multiply, left: LEVEL.multiply, right: LEVEL.unary },
}

function printScope(scope: Scope): string {
  switch (scope.kind) {
    case 'all':
      return ''
    case 'equal':
      return ` == ${printReference(scope.entity)}`
    case 'in':
      return ` in ${printReference(scope.entity)}`
    case 'is':
      return ` is ${scope.type}${scope.in === undefined ? '' : ` in ${printReference(scope.in)}`}`
    default:
      return scope satisfies never
  }
}

function printActionScope(scope: ActionScope): string {
  if (scope.kind === 'all') return ''
  if (scope.kind === 'equal') return ` == ${formatEntityUid(scope.entity)}`
  const entities = scope.entities.map(formatEntityUid).join(', ')
  return scope.list ? ` in [${entities}]` : ` in ${entities}`
}

function printReference(reference: EntityUid | SlotReference): string {
  return reference.kind === 'slot' ? `?${reference.slot}` : formatEntityUid(reference)
}

function printCondition({ kind, body }: Condition): string {
  const text = printExpression(body)
  if (kind.length + text.length + 5 <= LINE || (body.kind !== 'and' && body.kind !== 'or'))
    return `\n${kind} { ${text} }`
  const { symbol } = INFIX[body.kind]
  return `\n${kind} {\n  ${operandsOf(body, body.kind).join(` ${symbol}\n  `)}\n}`
}

/** The operands of a chain `a && b && c`, printed. */
function operandsOf(chain: Binary, kind: 'and' | 'or'): readonly string[] {
  const operands: string[] = []
  let rest: Expression = chain
  while (rest.kind === kind) {
    operands.push(print(rest.right, INFIX[kind].right))
    rest = rest.left
  }
  operands.push(print(rest, INFIX[kind].left))
  return operands.toReversed()
}

function print(node: Expression, atLeast: Level): string {
  const level = levelOf(node)
  const text = printBare(node)
  return level < atLeast ? `(${text})` : text
}

function isInfix(kind: Binary['kind']): kind is InfixKind {
  return !isBinaryMethod(kind)
}

function isBinary(node: Expression): node is Binary {
  return Object.hasOwn(INFIX, node.kind) || isBinaryMethod(node.kind)
}

function levelOf(node: Expression): Level {
  if (isBinary(node)) return isInfix(node.kind) ? INFIX[node.kind].level : LEVEL.member
  switch (node.kind) {
    case 'if':
      return LEVEL.whole
    case 'has':
    case 'like':
    case 'is':
      return LEVEL.relation
    case 'not':
    case 'negate':
      return LEVEL.unary
    case 'literal':
      // -1.a would be -(1.a)
      return isNegative(node.value) ? LEVEL.unary : LEVEL.member
    case 'variable':
    case 'isEmpty':
    case 'attribute':
    case 'set':
    case 'record':
    case 'call':
    case 'fault':
      return LEVEL.member
    default:
      return node satisfies never
  }
}

function printBare(node: Expression): string {
  if (isBinary(node)) return printBinary(node)
  switch (node.kind) {
    case 'literal':
      return formatValue(node.value)
    case 'variable':
      return node.name
    case 'not':
      return `!${print(node.operand, LEVEL.member)}`
    case 'negate':
      return `-${printNegated(node.operand)}`
    case 'isEmpty':
      return `${print(node.operand, LEVEL.member)}.isEmpty()`
    case 'if':
      return `if ${printExpression(node.test)} then ${printExpression(node.then)} else ${printExpression(node.else)}`
    case 'attribute':
      return `${print(node.of, LEVEL.member)}${isName(node.name) ? `.${node.name}` : `[${quoteText(node.name)}]`}`
    case 'has':
      return `${print(node.of, LEVEL.add)} has ${printPath(node.path)}`
    case 'like':
      return `${print(node.of, LEVEL.add)} like ${printPattern(node.pattern)}`
    case 'is': {
      const within = node.in === undefined ? '' : ` in ${print(node.in, LEVEL.add)}`
      return `${print(node.of, LEVEL.add)} is ${node.type}${within}`
    }
    case 'set':
      return `[${node.elements.map(printExpression).join(', ')}]`
    case 'record':
      return `{${[...node.fields].map(([name, value]) => `${printKey(name)}: ${printExpression(value)}`).join(', ')}}`
    case 'call':
      return printCall(node)
    case 'fault':
      return `error(${quoteText(node.code)})`
    default:
      return node satisfies never
  }
}

function printBinary({ kind, left, right }: Binary): string {
  if (!isInfix(kind)) return `${print(left, LEVEL.member)}.${kind}(${printExpression(right)})`
  const infix = INFIX[kind]
  return `${print(left, infix.left)} ${infix.symbol} ${print(right, infix.right)}`
}

/** `-(1)` and not `-1`, which is a number. */
function printNegated(operand: Expression): string {
  const isNumber =
    operand.kind === 'literal' && (typeof operand.value === 'number' || typeof operand.value === 'bigint')
  return isNumber ? `(${printBare(operand)})` : print(operand, LEVEL.member)
}

function isNegative(value: unknown): boolean {
  return (typeof value === 'number' || typeof value === 'bigint') && value < 0
}

function printPath(path: readonly string[]): string {
  const [first = ''] = path
  return path.length === 1 ? printKey(first) : path.join('.')
}

function printKey(name: string): string {
  return isName(name) ? name : quoteText(name)
}

function printPattern(pattern: Like['pattern']): string {
  const parts = pattern.map((part) =>
    part.kind === 'wildcard' ? '*' : quoteText(part.text).slice(1, -1).replaceAll('*', '\\*'),
  )
  return `"${parts.join('')}"`
}

function printCall(call: Call): string {
  const [receiver, ...args] = call.arguments
  if (!isExtensionMethod(call.function)) return `${call.function}(${call.arguments.map(printExpression).join(', ')})`
  if (receiver === undefined) throw new TypeError(`the method \`${call.function}\` has no receiver`)
  return `${print(receiver, LEVEL.member)}.${call.function}(${args.map(printExpression).join(', ')})`
}

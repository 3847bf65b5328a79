// The syntax tree of Cedar 4.5 policies. Every node knows its place. A node's `kind` names its operator, and every
// operator has one file in `operator/`. A residual is the same tree, in which a known part has become a `literal` and a
// part that is known to err has become a `fault`.
// Cedar reference: docs.cedarpolicy.com/policies/syntax-grammar.html

import type { EntityUid, Value } from '../value/value.ts'

/** A place in a source text: offsets in UTF-16 code units, `end` exclusive. */
export interface Span {
  readonly file: string
  readonly start: number
  readonly end: number
}

export type Effect = 'permit' | 'forbid'

/** `?principal` or `?resource`. */
export type Slot = 'principal' | 'resource'

/** A static policy (no slots) or a template (one or two slots). */
export interface Policy {
  /** The `@id` annotation, or `policyN` by order of appearance. */
  readonly id: string
  readonly effect: Effect
  /** `@name` without a value has the value `''`. */
  readonly annotations: ReadonlyMap<string, string>
  readonly principal: Scope
  readonly action: ActionScope
  readonly resource: Scope
  readonly conditions: readonly Condition[]
  readonly slots: readonly Slot[]
  readonly span: Span
}

export interface Condition {
  readonly kind: 'when' | 'unless'
  readonly body: Expression
  readonly span: Span
}

/** What the scope says of the principal or of the resource. */
export type Scope =
  | { readonly kind: 'all'; readonly span: Span }
  | { readonly kind: 'equal'; readonly entity: EntityUid | SlotReference; readonly span: Span }
  | { readonly kind: 'in'; readonly entity: EntityUid | SlotReference; readonly span: Span }
  | { readonly kind: 'is'; readonly type: string; readonly in?: EntityUid | SlotReference; readonly span: Span }

export interface SlotReference {
  readonly kind: 'slot'
  readonly slot: Slot
}

/** What the scope says of the action. */
export type ActionScope =
  | { readonly kind: 'all'; readonly span: Span }
  | { readonly kind: 'equal'; readonly entity: EntityUid; readonly span: Span }
  | { readonly kind: 'in'; readonly entities: readonly EntityUid[]; readonly list: boolean; readonly span: Span }

export type VariableName = 'principal' | 'action' | 'resource' | 'context'

/** One node of an expression. */
export type Expression =
  | Literal
  | Variable
  | Unary
  | Binary
  | If
  | Attribute
  | Has
  | Like
  | Is
  | SetLiteral
  | RecordLiteral
  | Call
  | Fault

export type ExpressionKind = Expression['kind']

/** A constant. The parser makes booleans, Longs, strings and entities; a residual may hold any value. */
export interface Literal {
  readonly kind: 'literal'
  readonly value: Value
  readonly span: Span
}

export interface Variable {
  readonly kind: 'variable'
  readonly name: VariableName
  readonly span: Span
}

export interface Unary {
  readonly kind: 'not' | 'negate' | 'isEmpty'
  readonly operand: Expression
  readonly span: Span
}

export interface Binary {
  readonly kind:
    | 'and'
    | 'or'
    | 'equal'
    | 'notEqual'
    | 'less'
    | 'lessEqual'
    | 'greater'
    | 'greaterEqual'
    | 'add'
    | 'subtract'
    | 'multiply'
    | 'in'
    | 'contains'
    | 'containsAll'
    | 'containsAny'
    | 'getTag'
    | 'hasTag'
  readonly left: Expression
  readonly right: Expression
  readonly span: Span
}

export interface If {
  readonly kind: 'if'
  readonly test: Expression
  readonly then: Expression
  readonly else: Expression
  readonly span: Span
}

/** `of.name` or `of["name"]`. */
export interface Attribute {
  readonly kind: 'attribute'
  readonly of: Expression
  readonly name: string
  readonly span: Span
}

/** `of has a` (one name) or `of has a.b.c` (a path). */
export interface Has {
  readonly kind: 'has'
  readonly of: Expression
  readonly path: readonly string[]
  readonly span: Span
}

/** `of like "pattern"`: literal runs and wildcards in order. */
export interface Like {
  readonly kind: 'like'
  readonly of: Expression
  readonly pattern: readonly PatternPart[]
  readonly span: Span
}

export type PatternPart = { readonly kind: 'wildcard' } | { readonly kind: 'text'; readonly text: string }

/** `of is Type` or `of is Type in entity`. */
export interface Is {
  readonly kind: 'is'
  readonly of: Expression
  readonly type: string
  readonly in?: Expression
  readonly span: Span
}

export interface SetLiteral {
  readonly kind: 'set'
  readonly elements: readonly Expression[]
  readonly span: Span
}

export interface RecordLiteral {
  readonly kind: 'record'
  /** In source order; names are unique. */
  readonly fields: ReadonlyMap<string, Expression>
  readonly span: Span
}

/** A call of an extension function or method; a method's receiver is `arguments[0]`. */
export interface Call {
  readonly kind: 'call'
  readonly function: ExtensionFunction
  readonly arguments: readonly Expression[]
  readonly span: Span
}

/** An expression that is known to err. Only in residuals, never made by the parser. */
export interface Fault {
  readonly kind: 'fault'
  readonly code: string
  readonly message: string
  readonly span: Span
}

/** Called as `name(...)`. */
export type ExtensionConstructor = 'ip' | 'decimal' | 'datetime' | 'duration'

/** Called as `receiver.name(...)`. */
export type ExtensionMethod =
  | 'isIpv4'
  | 'isIpv6'
  | 'isLoopback'
  | 'isMulticast'
  | 'isInRange'
  | 'lessThan'
  | 'lessThanOrEqual'
  | 'greaterThan'
  | 'greaterThanOrEqual'
  | 'offset'
  | 'durationSince'
  | 'toDate'
  | 'toTime'
  | 'toMilliseconds'
  | 'toSeconds'
  | 'toMinutes'
  | 'toHours'
  | 'toDays'

export type ExtensionFunction = ExtensionConstructor | ExtensionMethod

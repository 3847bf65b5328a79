// Policy text to policies. Never throws: problems are values, and after one the parser goes on at the next policy, so
// that all of a text are found. A policy with a problem is left out of the result.
// Cedar reference: docs.cedarpolicy.com/policies/syntax-grammar.html (Policy)

import type { Problem } from '../problem.ts'
import { createCursor, type Cursor, isAbandoned, isWord, stringText } from './cursor.ts'
import { SYNTAX_LIMITS, type SyntaxLimits } from './limits.ts'
import { nearMiss } from './near-miss.ts'
import { parseWhole } from './parse-expression.ts'
import { parseScope, type PolicyScope } from './parse-scope.ts'
import { createReporter, quoted, type Range, type Reporter } from './reporter.ts'
import type { Token } from './token.ts'
import { tokenize } from './tokenize.ts'
import type { Condition, Effect, Expression, Policy, Slot } from './tree.ts'

export interface ParseOptions {
  /** The name that spans and messages carry. Default `policy.cedar`. */
  readonly file?: string
  readonly limits?: Partial<SyntaxLimits>
  /** `annotation` (default): the value of `@id`, or `policyN` without one. `position`: always `policyN`. */
  readonly ids?: 'annotation' | 'position'
  /** The N of the text's first policy; default 0. Counting on over several files keeps `policyN` unique. */
  readonly firstPosition?: number
}

export interface ParsedPolicies {
  /** The policies without problems, in source order. */
  readonly policies: readonly Policy[]
  /** In source order. Empty exactly when every policy of the text is in `policies`. */
  readonly problems: readonly Problem[]
}

/**
 * Parses policies and templates. Guarantees: never throws, finds the problems of every policy, exact 64-bit Longs, spans in
 * UTF-16 offsets. Checks what Cedar's parser checks, no types (that is validation), and that ids are unique in the text.
 * Codes: `ERR_POLICY_SYNTAX_...`. Cost: linear in the text.
 */
export function parsePolicies(text: string, options: ParseOptions = {}): ParsedPolicies {
  const limits = { ...SYNTAX_LIMITS, ...options.limits }
  const reporter = createReporter(options.file ?? DEFAULT_FILE, limits)
  const tokens = tokenize(text, limits, reporter)
  const policies: Policy[] = []
  if (tokens !== undefined) {
    const cursor = createCursor(tokens, parseWhole, limits, reporter)
    const ids = new Set<string>()
    let position = options.firstPosition ?? 0
    for (let count = 0; cursor.peek().kind !== 'end' && !reporter.full; count++, position++) {
      if (count === limits.policies) {
        reporter.report(
          'ERR_POLICY_SYNTAX_LIMIT_POLICIES',
          `the text has more than ${limits.policies} policies`,
          cursor.peek(),
        )
        break
      }
      const policy = parseOrRecover(cursor, (annotations) => idOf(annotations, position, options.ids))
      if (policy !== undefined && isNewId(policy, ids, reporter)) policies.push(policy)
    }
  }
  return { policies, problems: inSourceOrder(reporter.problems) }
}

/** Parses one expression, the whole text. `expression` is there exactly when there are no problems. */
export function parseExpression(
  text: string,
  options: Pick<ParseOptions, 'file' | 'limits'> = {},
): { readonly expression?: Expression; readonly problems: readonly Problem[] } {
  const limits = { ...SYNTAX_LIMITS, ...options.limits }
  const reporter = createReporter(options.file ?? DEFAULT_FILE, limits)
  const tokens = tokenize(text, limits, reporter)
  if (tokens === undefined) return { problems: reporter.problems }
  const cursor = createCursor(tokens, parseWhole, limits, reporter)
  const expression = attempt(() => {
    const whole = cursor.expression()
    return cursor.peek().kind === 'end' ? whole : cursor.unexpected('the end of the text')
  })
  const problems = inSourceOrder(reporter.problems)
  return expression === undefined || problems.length > 0 ? { problems } : { expression, problems }
}

const DEFAULT_FILE = 'policy.cedar'

type Annotations = ReadonlyMap<string, string>

/** The policy at the place, or nothing: then the problem is reported and the place is behind it. */
function parseOrRecover(cursor: Cursor, name: (annotations: Annotations) => string): Policy | undefined {
  const before = cursor.reporter.problems.length
  let effectRead = false
  const policy = attempt(() => {
    const { start } = cursor
    const annotations = parseAnnotations(cursor)
    const effect = parseEffect(cursor)
    effectRead = true
    return parseRest(cursor, { id: name(annotations), effect, annotations }, start)
  })
  if (policy === undefined) skipPolicy(cursor, effectRead)
  // once the reporter is full, it no longer shows whether this policy had a problem
  return cursor.reporter.problems.length === before && !cursor.reporter.full ? policy : undefined
}

/** What the rule makes, or nothing when it abandoned. */
function attempt<T>(rule: () => T): T | undefined {
  try {
    return rule()
  } catch (error) {
    if (!isAbandoned(error)) throw error
    return undefined
  }
}

/**
 * Behind the next `;` that closes a policy, or before what can only begin another: `@`, `permit (`, `forbid (`. If the
 * policy's own effect was not read yet, that is still the same policy, which must not be taken without its annotations.
 */
function skipPolicy(cursor: Cursor, effectRead: boolean): void {
  let ownEffectPassed = effectRead
  while (cursor.peek().kind !== 'end') {
    if (ownEffectPassed && beginsPolicy(cursor)) return
    ownEffectPassed ||= beginsPolicy(cursor) && cursor.peek().kind !== '@'
    // a `;` before a brace was meant inside a condition
    if (cursor.take().kind === ';' && cursor.peek().kind !== '}') return
  }
}

function beginsPolicy(cursor: Cursor): boolean {
  const token = cursor.peek()
  if (token.kind === '@') return true
  return (isWord(token, 'permit') || isWord(token, 'forbid')) && cursor.peek(1).kind === '('
}

function parseRest(cursor: Cursor, head: Pick<Policy, 'id' | 'effect' | 'annotations'>, start: number): Policy {
  const scope = parseScope(cursor)
  const conditions: Condition[] = []
  while (cursor.peek().kind === 'identifier' && !beginsPolicy(cursor)) conditions.push(parseCondition(cursor))
  expectSemicolon(cursor)
  return { ...head, ...scope, conditions, slots: slotsOf(scope), span: cursor.spanFrom(start) }
}

function parseAnnotations(cursor: Cursor): Annotations {
  const annotations = new Map<string, string>()
  while (cursor.accept('@') !== undefined) {
    // here and only here any word will do, reserved or not
    const key = cursor.accept('identifier') ?? cursor.unexpected('the name of an annotation')
    const value = parseAnnotationValue(cursor)
    if (annotations.has(key.text)) {
      cursor.report('ERR_POLICY_SYNTAX_ANNOTATION', `the annotation ${quoted(`@${key.text}`)} stands twice`, key)
    }
    annotations.set(key.text, value)
  }
  return annotations
}

function parseAnnotationValue(cursor: Cursor): string {
  if (cursor.accept('(') === undefined) return ''
  const hint = 'an annotation is `@name` or `@name("text")`'
  const token = cursor.accept('string') ?? cursor.unexpected('a string', hint)
  const value = stringText(cursor, token)
  cursor.expect(')')
  return value
}

const EFFECTS: readonly Effect[] = ['permit', 'forbid']

function parseEffect(cursor: Cursor): Effect {
  const token = cursor.accept('identifier') ?? cursor.unexpected('`permit` or `forbid`')
  const effect = EFFECTS.find((candidate) => candidate === token.text)
  if (effect !== undefined) return effect
  const near = nearMiss(token.text, EFFECTS) ?? SYNONYMS.get(token.text.toLowerCase())
  const hint = near === undefined ? 'a policy begins with `permit` or `forbid`' : `did you mean \`${near}\`?`
  cursor.report('ERR_POLICY_SYNTAX_EFFECT', `${quoted(token.text)} is no effect`, token, hint)
  return 'forbid'
}

const SYNONYMS: ReadonlyMap<string, Effect> = new Map([
  ['allow', 'permit'],
  ['grant', 'permit'],
  ['deny', 'forbid'],
])

const CONDITIONS: readonly Condition['kind'][] = ['when', 'unless']

function parseCondition(cursor: Cursor): Condition {
  const token = cursor.take()
  const kind = CONDITIONS.find((candidate) => candidate === token.text) ?? refuseCondition(cursor, token)
  cursor.expect('{')
  const closing = cursor.peek()
  if (closing.kind === '}') {
    const range: Range = { start: token.start, end: closing.end }
    cursor.abandon(
      'ERR_POLICY_SYNTAX_CONDITION',
      `the condition \`${kind}\` is empty`,
      range,
      'leave it out, or say `true`',
    )
  }
  const body = cursor.expression()
  cursor.expect('}', 'an operator or `}`')
  return { kind, body, span: cursor.spanFrom(token.start) }
}

function refuseCondition(cursor: Cursor, token: Token): Condition['kind'] {
  const near = nearMiss(token.text, CONDITIONS)
  const hint =
    near === undefined ? 'behind the scope stand `when { ... }` and `unless { ... }`' : `did you mean \`${near}\`?`
  const message = `${quoted(token.text)} begins no condition`
  // without a brace it is no condition at all
  if (cursor.peek().kind !== '{') cursor.abandon('ERR_POLICY_SYNTAX_CONDITION', message, token, hint)
  cursor.report('ERR_POLICY_SYNTAX_CONDITION', message, token, hint)
  return 'when'
}

/** A forgotten `;` is told where it belongs, and the next policy is parsed as usual. */
function expectSemicolon(cursor: Cursor): void {
  if (cursor.accept(';') !== undefined) return
  if (cursor.peek().kind !== 'end' && !beginsPolicy(cursor)) cursor.unexpected('`when`, `unless` or `;`')
  const range = { start: cursor.lastEnd, end: cursor.lastEnd }
  cursor.report('ERR_POLICY_SYNTAX_SEMICOLON', 'the policy does not end with `;`', range)
}

function slotsOf({ principal, resource }: PolicyScope): readonly Slot[] {
  return [principal, resource].flatMap((scope) => {
    const entity = scope.kind === 'is' ? scope.in : scope.kind === 'all' ? undefined : scope.entity
    return entity?.kind === 'slot' ? [entity.slot] : []
  })
}

function idOf(annotations: Annotations, position: number, ids: ParseOptions['ids']): string {
  const annotated = ids === 'position' ? undefined : annotations.get('id')
  return annotated === undefined || annotated === '' ? `policy${position}` : annotated
}

function isNewId(policy: Policy, ids: Set<string>, reporter: Reporter): boolean {
  if (!ids.has(policy.id)) {
    ids.add(policy.id)
    return true
  }
  const hint = 'every `@id` of a policy set is unique'
  reporter.report('ERR_POLICY_SYNTAX_DUPLICATE_ID', `two policies have the id ${quoted(policy.id)}`, policy.span, hint)
  return false
}

function inSourceOrder(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0))
}

// Policy text to policies. Never throws: problems are values, and after one the parser goes on at the next policy, so
// that all of a text are found. A policy with a problem is left out of the result.
// Cedar reference: docs.cedarpolicy.com/policies/syntax-grammar.html (Policy)

import type { Problem } from '../problem.ts'
import { createCursor, type Cursor, isAbandoned, isWord, stringText } from './cursor.ts'
import { SYNTAX_LIMITS, type SyntaxLimits } from './limits.ts'
import { nearMiss } from './near-miss.ts'
import { parseWhole } from './parse-expression.ts'
import { parseScope, type PolicyScope } from './parse-scope.ts'
import { createReporter, meant, quoted, type Range, type Reporter } from './reporter.ts'
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
    // what the tokenizer reported and made the best of still spoils the policy that it stands in or before
    const spoilt = reporter.problems.map(({ span }) => span?.start ?? 0)
    const ids = new Map<string, Range>()
    let position = options.firstPosition ?? 0
    for (let count = 0; cursor.peek().kind !== 'end' && !reporter.full; count++, position++) {
      if (count === limits.policies) {
        const message = `the text has more than ${limits.policies} policies`
        const hint = 'one template and its grants stand for many policies that are alike'
        reporter.report('ERR_POLICY_SYNTAX_LIMIT_POLICIES', message, cursor.peek(), { hint })
        break
      }
      if (isOtherLanguage(cursor)) break
      refuseEmpty(cursor)
      if (cursor.peek().kind === 'end') break
      const policy = parseOrRecover(cursor, (annotations) => idOf(annotations, position, options.ids))
      const isSpoilt = passesAny(spoilt, cursor.lastEnd)
      if (policy !== undefined && !isSpoilt && isNewId(policy, ids, reporter)) policies.push(policy.policy)
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

interface Annotations {
  readonly values: ReadonlyMap<string, string>
  /** Where each stands, with its `@`. */
  readonly ranges: ReadonlyMap<string, Range>
}

interface ParsedPolicy {
  readonly policy: Policy
  /** Where its id is written; its effect when it has none. */
  readonly idRange: Range
}

/** The policy at the place, or nothing: then the problem is reported and the place is behind it. */
function parseOrRecover(cursor: Cursor, name: (annotations: Annotations) => string): ParsedPolicy | undefined {
  const before = cursor.reporter.problems.length
  let effectRead = false
  cursor.brackets.clear()
  const parsed = attempt(() => {
    const { start } = cursor
    const annotations = parseAnnotations(cursor)
    const word = cursor.peek()
    const effect = parseEffect(cursor)
    effectRead = true
    const head = { id: name(annotations), effect, annotations: annotations.values }
    return { policy: parseRest(cursor, head, start), idRange: annotations.ranges.get('id') ?? word }
  })
  if (parsed === undefined) skipPolicy(cursor, effectRead)
  if (parsed?.policy === undefined) return undefined
  const { policy, idRange } = parsed
  // once the reporter is full, it no longer shows whether this policy had a problem
  return cursor.reporter.problems.length === before && !cursor.reporter.full ? { policy, idRange } : undefined
}

/** Takes the offsets before `end` off the front, and says whether there were any. */
function passesAny(offsets: number[], end: number): boolean {
  const index = offsets.findIndex((offset) => offset >= end)
  return offsets.splice(0, index === -1 ? offsets.length : index).length > 0
}

/** A `;` that ends nothing. */
function refuseEmpty(cursor: Cursor): void {
  for (let extra = cursor.accept(';'); extra !== undefined; extra = cursor.accept(';')) {
    const help = { label: 'no policy ends here', hint: 'one `;` ends a policy', edit: '' }
    cursor.report('ERR_POLICY_SYNTAX_SEMICOLON', '`;` stands where a policy is expected', extra, help)
  }
}

/** A schema or JSON in the place of policies would be a problem a line. Said once; the rest is not looked at. */
function isOtherLanguage(cursor: Cursor): boolean {
  const token = cursor.peek()
  const next = cursor.peek(1).kind
  const isSchema = SCHEMA_WORDS.has(token.text) && (next === 'identifier' || next === 'string')
  const isJson = token.kind === '{' || token.kind === '['
  if (!isSchema && !isJson) return false
  const message = `${quoted(token.text)} begins ${isSchema ? 'a declaration of a schema' : 'JSON'}, not a policy`
  const hint = isSchema
    ? 'a schema has a file of its own, which ends in `.cedarschema`'
    : 'a policy begins with `permit` or `forbid`'
  cursor.report('ERR_POLICY_SYNTAX_EFFECT', message, token, { hint })
  return true
}

const SCHEMA_WORDS: ReadonlySet<string> = new Set(['entity', 'action', 'namespace', 'type'])

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
    const isEnd = endsPolicy(cursor)
    cursor.take()
    if (isEnd) return
  }
}

/** A `;` inside a condition was meant there, unless another policy follows: then the condition lacks its brace. */
function endsPolicy(cursor: Cursor): boolean {
  if (cursor.peek().kind !== ';') return false
  return !cursor.brackets.isOpen('{') || cursor.peek(1).kind === 'end' || beginsPolicy(cursor, 1)
}

/**
 * What the rule makes of a part in brackets. When it abandons, the place is behind the bracket that closes the part, so that the
 * other parts are parsed too; without such a bracket the policy is abandoned.
 */
function parsePart<T>(cursor: Cursor, rule: () => T): T | undefined {
  const depth = cursor.brackets.depth
  const part = attempt(rule)
  if (part !== undefined) return part
  while (cursor.brackets.depth > depth && cursor.peek().kind !== 'end') {
    if (beginsPolicy(cursor) || endsPolicy(cursor)) cursor.leave()
    cursor.take()
  }
  return CONTINUES.has(cursor.peek().text) ? undefined : cursor.leave()
}

/** What may follow a part of a policy. */
const CONTINUES: ReadonlySet<string> = new Set(['when', 'unless', ';'])

function beginsPolicy(cursor: Cursor, ahead = 0): boolean {
  const token = cursor.peek(ahead)
  if (token.kind === '@') return true
  return (isWord(token, 'permit') || isWord(token, 'forbid')) && cursor.peek(ahead + 1).kind === '('
}

function parseRest(
  cursor: Cursor,
  head: Pick<Policy, 'id' | 'effect' | 'annotations'>,
  start: number,
): Policy | undefined {
  const scope = parsePart(cursor, () => parseScope(cursor))
  const conditions: (Condition | undefined)[] = []
  while (cursor.peek().kind === 'identifier' && !beginsPolicy(cursor)) {
    conditions.push(parsePart(cursor, () => parseCondition(cursor)))
  }
  expectSemicolon(cursor)
  // INVARIANT: a policy without one of its parts is no policy; it would allow more
  if (scope === undefined || !conditions.every((condition) => condition !== undefined)) return undefined
  return { ...head, ...scope, conditions, slots: slotsOf(scope), span: cursor.spanFrom(start) }
}

function parseAnnotations(cursor: Cursor): Annotations {
  const values = new Map<string, string>()
  const ranges = new Map<string, Range>()
  for (;;) {
    const sign = cursor.accept('@')
    if (sign === undefined) return { values, ranges }
    // here and only here any word will do, reserved or not
    const key = cursor.accept('identifier') ?? cursor.unexpected('the name of an annotation', { hint: ANNOTATION_HINT })
    const value = parseAnnotationValue(cursor, key)
    const range = { start: sign.start, end: cursor.lastEnd }
    const first = ranges.get(key.text)
    if (first !== undefined) {
      const help = { also: [[first, 'it is here first']] as const, hint: 'keep one of them' }
      cursor.report(
        'ERR_POLICY_SYNTAX_ANNOTATION',
        `the annotation ${quoted(`@${key.text}`)} stands twice`,
        range,
        help,
      )
    } else ranges.set(key.text, range)
    values.set(key.text, value)
    skipSemicolon(cursor, range)
  }
}

const ANNOTATION_HINT = 'an annotation is `@name` or `@name("text")`'

function parseAnnotationValue(cursor: Cursor, name: Token): string {
  if (cursor.accept('(') === undefined) return parseLooseValue(cursor, name)
  const token = cursor.peek()
  const isUnquoted = (token.kind === 'identifier' || token.kind === 'number') && cursor.peek(1).kind === ')'
  if (isUnquoted) {
    const help = { hint: ANNOTATION_HINT, edit: `"${token.text}"` }
    cursor.report('ERR_POLICY_SYNTAX_ANNOTATION', `${quoted(token.text)} is no text`, token, help)
  } else if (token.kind !== 'string') cursor.unexpected('a string', { hint: ANNOTATION_HINT })
  cursor.take()
  const value = isUnquoted ? token.text : stringText(cursor, token)
  cursor.expect(')')
  return value
}

/** `@id "a"`, `@id = "a"`, `@id: "a"`: a value without the parentheses it needs. */
function parseLooseValue(cursor: Cursor, name: Token): string {
  const sign = cursor.accept('=') ?? cursor.accept(':')
  const token = cursor.accept('string')
  if (token === undefined) return sign === undefined ? '' : cursor.unexpected('a string', { hint: ANNOTATION_HINT })
  const at = { start: name.end, end: token.end }
  const help = { hint: ANNOTATION_HINT, edit: `(${token.text})`, at }
  cursor.report('ERR_POLICY_SYNTAX_ANNOTATION', 'the value of an annotation stands in parentheses', sign ?? token, help)
  return stringText(cursor, token)
}

function skipSemicolon(cursor: Cursor, annotation: Range): void {
  const semicolon = cursor.accept(';')
  if (semicolon === undefined) return
  cursor.report('ERR_POLICY_SYNTAX_ANNOTATION', 'an annotation does not end with `;`', semicolon, {
    also: [[annotation, 'this annotation']],
    hint: 'it belongs to the policy that follows',
    edit: '',
  })
}

const EFFECTS: readonly Effect[] = ['permit', 'forbid']

function parseEffect(cursor: Cursor): Effect {
  const token = cursor.accept('identifier') ?? cursor.unexpected('`permit` or `forbid`')
  const effect = EFFECTS.find((candidate) => candidate === token.text)
  if (effect !== undefined) return effect
  const near = nearMiss(token.text, EFFECTS) ?? SYNONYMS.get(token.text.toLowerCase())
  const help = meant(near, 'a policy begins with `permit` or `forbid`')
  cursor.report('ERR_POLICY_SYNTAX_EFFECT', `${quoted(token.text)} is no effect`, token, help)
  // a policy without a scope would be a problem of its own at each of its words
  return near === undefined && cursor.peek().kind !== '(' ? cursor.leave() : (near ?? 'forbid')
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
  const open = cursor.accept('{') ?? refuseBraces(cursor, token)
  const closing = cursor.peek()
  if (closing.kind === '}') {
    const range: Range = { start: token.start, end: closing.end }
    const help = { hint: 'leave it out, or say `true`', edit: '', at: range }
    cursor.abandon('ERR_POLICY_SYNTAX_CONDITION', `the condition \`${kind}\` is empty`, range, help)
  }
  const body = cursor.expression()
  if (open !== undefined) cursor.expect('}', 'an operator or `}`')
  return { kind, body, span: cursor.spanFrom(token.start) }
}

/** A condition in parentheses or in nothing is parsed all the same. */
function refuseBraces(cursor: Cursor, word: Token): undefined {
  const token = cursor.peek()
  const message = `the condition of ${quoted(word.text)} stands in braces`
  cursor.report('ERR_POLICY_SYNTAX_CONDITION', message, token, {
    label: 'expected `{`',
    hint: `write ${quoted(`${word.text} { ... }`)}`,
  })
}

function refuseCondition(cursor: Cursor, token: Token): Condition['kind'] {
  const near = nearMiss(token.text, CONDITIONS) ?? OTHER_CONDITIONS.get(token.text)
  const help = meant(near, 'behind the scope stand `when { ... }` and `unless { ... }`')
  const message = `${quoted(token.text)} begins no condition`
  // without a brace it is no condition at all
  if (cursor.peek().kind !== '{') cursor.abandon('ERR_POLICY_SYNTAX_CONDITION', message, token, help)
  cursor.report('ERR_POLICY_SYNTAX_CONDITION', message, token, help)
  return near ?? 'when'
}

const OTHER_CONDITIONS: ReadonlyMap<string, Condition['kind']> = new Map([
  ['if', 'when'],
  ['where', 'when'],
  ['except', 'unless'],
])

/** A forgotten `;` is told where it belongs, and the next policy is parsed as usual. */
function expectSemicolon(cursor: Cursor): void {
  if (cursor.accept(';') !== undefined) return
  const token = cursor.peek()
  if (token.kind !== 'end' && !beginsPolicy(cursor)) {
    const isClosing = token.kind === ')' || token.kind === '}'
    cursor.unexpected('`when`, `unless` or `;`', isClosing ? { hint: `no bracket is open that it closes` } : {})
  }
  const range = { start: cursor.lastEnd, end: cursor.lastEnd }
  const help = { label: 'expected `;`', edit: ';' }
  cursor.report('ERR_POLICY_SYNTAX_SEMICOLON', 'the policy does not end with `;`', range, help)
}

function slotsOf({ principal, resource }: PolicyScope): readonly Slot[] {
  return [principal, resource].flatMap((scope) => {
    const entity = scope.kind === 'is' ? scope.in : scope.kind === 'all' ? undefined : scope.entity
    return entity?.kind === 'slot' ? [entity.slot] : []
  })
}

function idOf({ values }: Annotations, position: number, ids: ParseOptions['ids']): string {
  const annotated = ids === 'position' ? undefined : values.get('id')
  return annotated === undefined || annotated === '' ? `policy${position}` : annotated
}

function isNewId({ policy: { id }, idRange }: ParsedPolicy, ids: Map<string, Range>, reporter: Reporter): boolean {
  const first = ids.get(id)
  if (first === undefined) {
    ids.set(id, idRange)
    return true
  }
  reporter.report('ERR_POLICY_SYNTAX_DUPLICATE_ID', `two policies have the id ${quoted(id)}`, idRange, {
    also: [[first, 'it is taken here']],
    hint: 'every `@id` of a policy set is unique',
  })
  return false
}

function inSourceOrder(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0))
}

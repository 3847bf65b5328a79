// Cedar's findings about a schema in our words, with the places that it leaves out. Its sentences are told apart by their form; one
// in a form that is not known here is passed on as it is.

import { nearMiss, type Problem, type Span } from '@cardea/policy'
import type { DetailedError } from '@cedar-policy/cedar-wasm/nodejs'
import { type Excerpt, plainMessage, spansOf } from '../cedar/to-problem.ts'
import { type Declaration, outlineOf, type SchemaToken, schemaTokens } from '../schema/outline.ts'

type Told = Pick<Problem, 'message'> & Partial<Pick<Problem, 'span' | 'label' | 'labels' | 'hint' | 'suggestion'>>

interface SchemaFinding {
  readonly text: string
  readonly file: string
  /** Where Cedar points, the place to mend last; none when it points nowhere. */
  readonly spans: readonly Span[]
  readonly label: string
}

/** The finding; `undefined` when the message has a form that is not known. */
export function describeSchemaFinding(error: DetailedError, excerpt: Excerpt): Told | undefined {
  const message = plainMessage(error.message)
  const label = error.sourceLocations?.at(-1)?.label ?? ''
  const finding = { text: excerpt.text, file: excerpt.file, spans: spansOf(error, excerpt), label }
  for (const [form, tell] of FORMS) {
    const match = form.exec(message)
    if (match !== null) return tell(finding, ...match.slice(1))
  }
  return undefined
}

const FORMS: readonly (readonly [form: RegExp, tell: (finding: SchemaFinding, ...groups: string[]) => Told])[] = [
  [/^failed to resolve types?: (.+)$/, tellUndeclared],
  [/^undeclared actions?: (?:.*::)?"(.*)"$/, tellUndeclaredGroup],
  [/^unexpected token `(.*)`$/s, tellToken],
  [/^unexpected end of input$/, tellEnd],
  [/^invalid token$/, tellCharacter],
  [/^`(.+)` is declared twice$/, (finding, name = '') => tellTwice(finding, `\`${name}\` is declared twice`)],
  [
    /^duplicate namespace id: `(.+)`$/,
    (finding, name = '') => tellTwice(finding, `the namespace \`${name}\` is declared twice`),
  ],
  [
    /^duplicate annotations: `(.+)`$/,
    (finding, name = '') => tellTwice(finding, `the annotation \`@${name}\` stands twice`),
  ],
  [/^cycle in common type references containing `(.+)`$/, (finding, name = '') => tellCycle(finding, 'type', name)],
  [
    /^cycle in action hierarchy containing `(?:.*::)?"(.+)"`$/,
    (finding, name = '') => tellCycle(finding, 'action', name),
  ],
  [
    /^Context for action (?:.*::)?"(.+)" is declared with a type other than/,
    (finding, name = '') => ({
      message: `the context of \`${name}\` is no record`,
      ...placeOf(finding, 'action', name),
      hint: 'a context is `{ name: Type, ... }`, or a type that stands for one',
    }),
  ],
  [
    /^missing `(principal|resource)` declaration for `(.+)`$/,
    (_, side = '', name = '') => ({
      message: `the action \`${name}\` does not say its \`${side}\``,
      label: `applies to no ${side}`,
      hint: `an action applies to both: \`appliesTo { principal: User, resource: Document }\``,
    }),
  ],
  [
    /^for action `(.+)`, `(principal|resource)` is `\[\]`, which is invalid$/,
    (_, name = '', side = '') => ({
      message: `the action \`${name}\` applies to no \`${side}\``,
      label: 'lists no type',
      hint: 'an action that is never asked for itself has no `appliesTo` at all',
    }),
  ],
  [
    /^definition of `(.+)` illegally shadows the existing definition of `(.+)`$/,
    (finding, inner = '', outer = '') => ({
      message: `\`${inner}\` hides \`${outer}\`, which is declared without a namespace`,
      ...placeOf(finding, 'entity', inner),
      labels: labelsAt(
        finding,
        finding.spans.length > 0 ? outlineOf(finding.text).filter(({ name }) => name === outer) : [],
        'would be hidden',
      ),
      hint: 'rename one of them, or give both a namespace',
    }),
  ],
  [
    /^The name `(.+)` shadows a builtin Cedar name/,
    (_, name = '') => ({
      message: `\`${name}\` hides Cedar's own type of this name`,
      hint: `rename it; the other one is then written \`__cedar::${name}\``,
    }),
  ],
  [
    /^`(.+)` is a reserved identifier$/,
    (_, name = '') => ({ message: `\`${name}\` is a reserved word and names nothing`, hint: 'choose another name' }),
  ],
  [
    /^use of the reserved `__cedar` namespace$/,
    () => ({ message: 'names with `__cedar` are reserved', hint: 'choose another name' }),
  ],
  [
    /^this uses a reserved schema keyword: `(.+)`$/,
    (_, name = '') => ({
      message: `\`${name}\` is a word of the schema language and names no type`,
      hint: 'choose another name',
    }),
  ],
]

const PRIMITIVES: readonly string[] = ['Bool', 'Long', 'String', 'ipaddr', 'decimal', 'datetime', 'duration', 'Set']

/** What other languages call a type. */
const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ['boolean', 'Bool'],
  ['int', 'Long'],
  ['integer', 'Long'],
  ['number', 'Long'],
  ['text', 'String'],
  ['date', 'datetime'],
  ['timestamp', 'datetime'],
  ['ip', 'ipaddr'],
  ['array', 'Set'],
  ['list', 'Set'],
])

function tellUndeclared({ text, spans }: SchemaFinding, name: string): Told {
  const declared = outlineOf(text).flatMap((each) =>
    each.kind === 'action' ? [] : [each.name, each.name.slice(each.name.lastIndexOf('::') + 1)],
  )
  const message = `the schema declares no type \`${name}\``
  if (name === 'Set') return { message, hint: 'a set says of what: `Set<String>`' }
  const near = SYNONYMS.get(name.toLowerCase()) ?? nearMiss(name, [...new Set(declared), ...PRIMITIVES])
  const span = spans.at(-1)
  if (near === undefined)
    return { message, label: 'not declared', hint: `declare it: \`entity ${name};\` or \`type ${name} = ...;\`` }
  return {
    message,
    label: 'not declared',
    hint: `did you mean \`${near}\`?`,
    ...(span === undefined ? {} : { suggestion: { span, text: near } }),
  }
}

function tellUndeclaredGroup({ text, file }: SchemaFinding, id: string): Told {
  const actions = outlineOf(text).filter(({ kind }) => kind === 'action')
  const message = `the schema declares no action \`${id}\``
  const place = actions
    .flatMap(({ tokens }) => tokens.slice(tokens.findIndex((token) => token.text === 'in') + 1))
    .find((token) => token.text === id || token.text === `"${id}"`)
  const near = nearMiss(
    id,
    actions.map(({ name }) => name),
  )
  const hint = near === undefined ? `declare the group: \`action ${id};\`` : `did you mean \`${near}\`?`
  if (place === undefined) return { message, hint }
  const span = { file, start: place.start, end: place.end }
  return {
    message,
    span,
    label: 'not declared',
    hint,
    ...(near === undefined ? {} : { suggestion: { span, text: near } }),
  }
}

/** Cedar's names of what may stand there that are not written so. */
const ALTERNATIVES: ReadonlyMap<string, string> = new Map([
  ['APPLIESTO', '`appliesTo`'],
  ['ATTRIBUTES', '`attributes`'],
  ['identifier', 'a name'],
  ['string literal', 'a string'],
])

/** The parts of `expected `,`, `;`, or APPLIESTO`. */
function expectedOf(label: string): readonly string[] {
  return label
    .replace(/^expected /, '')
    .split(/,? or |, /)
    .filter((part) => part !== '')
    .map((part) => ALTERNATIVES.get(part) ?? part)
}

function tellSemicolon(span: Span): Told {
  const message = 'the declaration does not end with `;`'
  return { message, span, label: 'expected `;`', suggestion: { span, text: ';' } }
}

/** Told behind the last token, with the bracket that is still open. */
function tellEnd({ text, file, label }: SchemaFinding): Told {
  const tokens = schemaTokens(text)
  const open: SchemaToken[] = []
  for (const token of tokens) {
    if (token.text === '{' || token.text === '[') open.push(token)
    if (token.text === '}' || token.text === ']') open.pop()
  }
  const end = tokens.at(-1)?.end ?? 0
  const bracket = open.at(-1)
  if (bracket === undefined && label.includes('`;`')) return tellSemicolon({ file, start: end, end })
  const expected = listOf(expectedOf(label))
  return {
    message: `the text ends where ${expected} is expected`,
    span: { file, start: end, end },
    label: `expected ${expected}`,
    ...(bracket === undefined
      ? {}
      : {
          labels: [
            {
              span: { file, start: bracket.start, end: bracket.end },
              message: `the \`${bracket.text}\` is opened here`,
            },
          ],
        }),
  }
}

function tellToken({ text, file, spans, label }: SchemaFinding, token: string): Told {
  const expected = expectedOf(label)
  const span = spans.at(-1)
  const words = expected.flatMap((part) => (/^`[a-zA-Z]+`$/.test(part) ? [part.slice(1, -1)] : []))
  const near = nearMiss(token, words) ?? words.find((word) => word.toLowerCase().startsWith(token.toLowerCase()))
  if (token === '{' && span?.start === 0) {
    return { message: '`{` begins JSON, not a schema', hint: 'a schema is written in Cedar: `entity User;`' }
  }
  if (near !== undefined && span !== undefined) {
    return {
      message: `\`${token}\` stands where ${listOf(expected)} is expected`,
      hint: `did you mean \`${near}\`?`,
      suggestion: { span, text: near },
    }
  }
  const last = schemaTokens(text).findLast(({ end }) => span !== undefined && end <= span.start)
  if (expected.includes('`;`') && last !== undefined && DECLARES.has(token)) {
    return tellSemicolon({ file, start: last.end, end: last.end })
  }
  return {
    message: `\`${token}\` stands where ${listOf(expected)} is expected`,
    label: `expected ${listOf(expected)}`,
    ...hintFor(token, expected),
  }
}

const DECLARES: ReadonlySet<string> = new Set(['entity', 'action', 'type', 'namespace', '@'])

function hintFor(token: string, expected: readonly string[]): Pick<Told, 'hint'> {
  if (token === '?') return { hint: 'the `?` of an optional attribute stands behind its name: `name?: String`' }
  if (token === '[') return { hint: 'a set is written `Set<String>`' }
  if (token === ';' && expected.includes('`}`')) return { hint: 'attributes are told apart by `,`' }
  if (expected.includes('`:`')) return { hint: 'an attribute is `name: Type`' }
  if (token === ']' && expected.includes('a string')) return { hint: 'an enumeration has at least one id' }
  return {}
}

function listOf(parts: readonly string[]): string {
  return parts.length < 2 ? (parts[0] ?? 'something else') : `${parts.slice(0, -1).join(', ')} or ${parts.at(-1)}`
}

function tellCharacter({ text, spans }: SchemaFinding): Told {
  const start = spans.at(-1)?.start ?? 0
  const character = String.fromCodePoint(text.codePointAt(start) ?? 0)
  if (character === '"') return { message: 'a string is not closed', hint: 'a string ends with `"`' }
  if (text.startsWith('/*', start))
    return { message: '`/*` begins no comment', hint: 'a comment begins with `//` and ends with its line' }
  const hint = /['`“‘]/.test(character)
    ? { hint: 'a string stands in double quotes' }
    : character === '#'
      ? { hint: 'a comment begins with `//`' }
      : {}
  return { message: `\`${character}\` is no part of a schema`, ...hint }
}

function tellTwice({ spans: found }: SchemaFinding, message: string): Told {
  const spans = found.toSorted((a, b) => a.start - b.start)
  const last = spans.at(-1)
  return {
    message,
    ...(last === undefined ? {} : { span: last }),
    ...(spans.length > 1 ? { labels: spans.slice(0, -1).map((span) => ({ span, message: 'first here' })) } : {}),
    hint: 'keep one of them',
  }
}

/** Cedar names any of those that are in the circle. Told of the one that is declared first. */
function tellCycle(finding: SchemaFinding, kind: 'type' | 'action', name: string): Told {
  const declared = outlineOf(finding.text).filter((each) => each.kind === kind)
  const circle = declared.filter(
    (each) =>
      reaches(declared, each, name) &&
      declared.some((other) => other.name === name && reaches(declared, other, each.name)),
  )
  const [first, ...others] = circle
  const subject = first?.name ?? name
  return {
    message:
      kind === 'type'
        ? `the type \`${subject}\` contains itself`
        : `the action \`${subject}\` is in a group that is in it`,
    ...placeOf(finding, kind, subject),
    labels: labelsAt(finding, others, 'in the same circle'),
    hint:
      kind === 'type' ? 'an entity type may refer to itself, a `type` may not' : 'take one of them out of the other',
  }
}

/** True when the declaration names the other, itself or through those that it names. */
function reaches(declared: readonly Declaration[], from: Declaration, name: string): boolean {
  const seen = new Set([from])
  for (const each of seen) {
    const words = new Set(
      each.tokens.filter(({ start }) => start !== each.start).map(({ text }) => text.replaceAll('"', '')),
    )
    if (words.has(name)) return true
    for (const other of declared) if (words.has(other.name)) seen.add(other)
  }
  return false
}

function placeOf({ text, file }: SchemaFinding, kind: Declaration['kind'], name: string): { readonly span?: Span } {
  const place = outlineOf(text).find(
    (each) => each.kind === kind && (each.name === name || each.name.endsWith(`::${name}`)),
  )
  return place === undefined ? {} : { span: { file, start: place.start, end: place.end } }
}

function labelsAt(
  { file }: SchemaFinding,
  places: readonly Declaration[],
  message: string,
): NonNullable<Problem['labels']> {
  return places.map(({ start, end }) => ({ span: { file, start, end }, message }))
}

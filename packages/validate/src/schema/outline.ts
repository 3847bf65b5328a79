// Where things stand in a schema text: what Cedar's findings and its translation to JSON leave out. Reads tokens alone and takes any
// text; for places in messages, nothing is decided by it.

/** A token. `kind` `open`: a string that is not closed, or a character that is no part of a schema. */
export interface SchemaToken {
  readonly kind: 'name' | 'string' | 'sign' | 'open'
  readonly text: string
  readonly start: number
  readonly end: number
}

export interface Declaration {
  readonly kind: 'entity' | 'action' | 'type'
  /** With its namespace: `Docs::User`, `Docs::view`. */
  readonly name: string
  /** The place of the name. */
  readonly start: number
  readonly end: number
  /** Of the statement: its annotations, its head and its body. */
  readonly tokens: readonly SchemaToken[]
}

const TOKENS = /\/\/[^\n]*|"(?:[^"\\]|\\[^])*"|[A-Za-z_][A-Za-z0-9_]*|[-:=<>{}[\](),;@?.]|\s+|[^]/g
const SIGNS = /^[-:=<>{}[\](),;@?.]$/

export function schemaTokens(text: string): readonly SchemaToken[] {
  const tokens: SchemaToken[] = []
  for (const { 0: found, index } of text.matchAll(TOKENS)) {
    if (/^(?:\s|\/\/)/.test(found)) continue
    const kind = /^[A-Za-z_]/.test(found) ? 'name' : found.length > 1 ? 'string' : SIGNS.test(found) ? 'sign' : 'open'
    tokens.push({ kind, text: found, start: index, end: index + found.length })
  }
  return tokens
}

/** The declarations, in order. A statement that declares several names is there once for each. */
export function outlineOf(text: string): readonly Declaration[] {
  const found: Declaration[] = []
  const tokens = schemaTokens(text)
  let namespace = ''
  let begin = 0
  for (let at = 0; at < tokens.length; ) {
    const token = tokens[at]
    if (token?.text === 'namespace') {
      const open = indexFrom(tokens, at, '{')
      namespace = tokens
        .slice(at + 1, open)
        .map((part) => part.text)
        .join('')
      begin = at = open + 1
    } else if (token?.text === '}') {
      namespace = ''
      begin = ++at
    } else if (token?.text === 'entity' || token?.text === 'action' || token?.text === 'type') {
      const end = endOfStatement(tokens, at)
      const statement = tokens.slice(begin, end)
      for (const name of namesBehind(tokens, at + 1)) {
        const own = name.kind === 'string' ? name.text.slice(1, -1) : name.text
        const full = namespace === '' ? own : `${namespace}::${own}`
        found.push({ kind: token.text, name: full, start: name.start, end: name.end, tokens: statement })
      }
      begin = at = end
    } else at++
  }
  return found
}

function indexFrom(tokens: readonly SchemaToken[], from: number, text: string): number {
  let at = from
  while (at < tokens.length && tokens[at]?.text !== text) at++
  return at
}

/** Behind its `;`, or before the next statement when it has none. */
function endOfStatement(tokens: readonly SchemaToken[], from: number): number {
  let depth = 0
  for (let at = from; at < tokens.length; at++) {
    const { text } = tokens[at] ?? { text: '' }
    if (text === '{' || text === '[') depth++
    if (text === '}' || text === ']') depth--
    if (depth < 0) return at
    if (depth === 0 && text === ';') return at + 1
  }
  return tokens.length
}

/** `a, b, "c"`. */
function namesBehind(tokens: readonly SchemaToken[], from: number): readonly SchemaToken[] {
  const names: SchemaToken[] = []
  for (let at = from; ; at += 2) {
    const name = tokens[at]
    if (name?.kind !== 'name' && name?.kind !== 'string') return names
    names.push(name)
    if (tokens[at + 1]?.text !== ',') return names
  }
}

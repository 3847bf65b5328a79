// Cedar string literals: quoting for display and printing, and the way back.
// Cedar reference: docs.cedarpolicy.com/policies/syntax-grammar.html (STR)

const NAMED: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ['"', '\\"'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\0', '\\0'],
])
/** What would break a line or hide in it: controls, formats (bidirectional overrides), separators, unpaired surrogates. */
const UNSAFE = /[\\"\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu
const LITERAL = /^"(?:[^"\\\n]|\\(?:[nrt\\0'"]|x[0-7][0-9a-fA-F]|u\{[0-9a-fA-F]{1,6}\}))*"$/
const ESCAPE = /\\(?:x([0-7][0-9a-fA-F])|u\{([0-9a-fA-F]{1,6})\}|([nrt\\0'"]))/g
const UNNAMED: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['0', '\0'],
])

/** The text as a Cedar string literal. Controls and format characters are escaped, so that none can act in a log. */
export function quoteText(text: string): string {
  return `"${text.replace(UNSAFE, (character) => NAMED.get(character) ?? `\\u{${codePoint(character).toString(16)}}`)}"`
}

/** The text that a string literal means; `undefined` when it is none. */
export function unquoteText(literal: string): string | undefined {
  if (!LITERAL.test(literal)) return undefined
  let valid = true
  const text = literal.slice(1, -1).replace(ESCAPE, (_, hex?: string, unicode?: string, name = '') => {
    const code = hex ?? unicode
    if (code === undefined) return UNNAMED.get(name) ?? name
    const point = Number.parseInt(code, 16)
    valid &&= point <= 0x10ffff && (point < 0xd800 || point > 0xdfff)
    return valid ? String.fromCodePoint(point) : ''
  })
  return valid ? text : undefined
}

function codePoint(character: string): number {
  return character.codePointAt(0) ?? 0
}

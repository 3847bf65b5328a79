// Plain data as TypeScript text, laid out as Biome and Prettier lay it out: single quotes, no semicolons, 120 columns.

/** What a definition consists of. */
export type Literal = string | true | readonly Literal[] | { readonly [name: string]: Literal | undefined }

/** The text of the literal. `column` is where it begins, `indent` how far its line is indented, `behind` what follows it. */
export function printLiteral(value: Literal, column: number, indent: number, behind: number): string {
  if (typeof value === 'string') return quote(value)
  if (value === true) return 'true'
  if (isList(value)) return printList(value, column, indent, behind)
  const fields = Object.entries(value).flatMap(([name, field]) => (field === undefined ? [] : [[name, field] as const]))
  const flat = flatText(value)
  if (column + flat.length + behind <= WIDTH) return flat
  const inner = indent + STEP
  const lines = fields.map(([name, field]) => {
    const key = `${keyText(name)}: `
    return `${' '.repeat(inner)}${key}${printLiteral(field, inner + key.length, inner, COMMA)},\n`
  })
  return `{\n${lines.join('')}${' '.repeat(indent)}}`
}

/** A string with the quotes that need fewer escapes, single ones if in doubt. */
export function quote(text: string): string {
  const singles = text.split("'").length
  const doubles = text.split('"').length
  const mark = singles > doubles ? '"' : "'"
  const escaped = text.replace(UNSAFE, (character) => {
    if (character === "'" || character === '"') return character === mark ? `\\${character}` : character
    return NAMED.get(character) ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  })
  return `${mark}${escaped}${mark}`
}

const WIDTH = 120
const STEP = 2
const COMMA = 1

/** What would end the string, break the line, or hide in it. */
const UNSAFE = /['"\\]|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu
const NAMED: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
])

function printList(list: readonly Literal[], column: number, indent: number, behind: number): string {
  const flat = flatText(list)
  if (column + flat.length + behind <= WIDTH && !isTable(list)) return flat
  const inner = indent + STEP
  const lines = list.map((item) => `${' '.repeat(inner)}${printLiteral(item, inner, inner, COMMA)},\n`)
  return `[\n${lines.join('')}${' '.repeat(indent)}]`
}

/** Formatters put each of several objects on a line of its own, even where all would fit. */
function isTable(list: readonly Literal[]): boolean {
  return (
    list.length > 1 && list.every((item) => typeof item === 'object' && !isList(item) && Object.keys(item).length > 1)
  )
}

function flatText(value: Literal): string {
  if (typeof value === 'string') return quote(value)
  if (value === true) return 'true'
  if (isList(value)) return `[${value.map(flatText).join(', ')}]`
  const fields = Object.entries(value).flatMap(([name, field]) =>
    field === undefined ? [] : [`${keyText(name)}: ${flatText(field)}`],
  )
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`
}

function isList(value: Literal): value is readonly Literal[] {
  return Array.isArray(value)
}

/** `__proto__: x` would set the prototype; a computed name is a name like others. */
function keyText(name: string): string {
  if (name === '__proto__') return "['__proto__']"
  return /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(name) ? name : quote(name)
}

// Distinguished names as texts (RFC 4514), compared by what they say: `CN=billing,O=Example,C=DE`. Types in any case, values to the
// letter. Hexadecimal values, quotes and whatever else has two readings are refused.

/** One relative name: its types and values, in one order. */
type RelativeName = readonly (readonly [type: string, value: string])[]

/** The last relative name of the certificate comes first, as the RFC writes it. */
export type DistinguishedName = readonly RelativeName[]

/** `undefined` for what is empty or not such a text. */
export function parseDistinguishedName(text: string): DistinguishedName | undefined {
  return collect(split(text, ',').map(parseRelative))
}

/** The subject as Node's `X509Certificate` shows it: a line each, in the order of the certificate, escaped as in RFC 2253. */
export function readSubject(subject: string | undefined): DistinguishedName | undefined {
  if (subject === undefined || subject === '') return undefined
  const lines = subject.split('\n').toReversed()
  return collect(lines.map((line) => parseRelative(line.replaceAll(/(?<!\\) \+ /g, '+'))))
}

export function isSameName(a: DistinguishedName, b: DistinguishedName): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function parseRelative(text: string): RelativeName | undefined {
  const pairs = collect(split(text, '+').map(parsePair))
  return pairs?.toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)))
}

function parsePair(text: string): readonly [string, string] | undefined {
  const [, type, escaped] = /^\s*([A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\.[0-9]+)+)=(.*)$/s.exec(text) ?? []
  if (type === undefined || escaped === undefined) return undefined
  const value = unescapeValue(escaped)
  return value === undefined ? undefined : [type.toUpperCase(), value]
}

/** Hexadecimal pairs are bytes of UTF-8. A value that is written in hexadecimal as a whole begins with `#` and is refused. */
function unescapeValue(text: string): string | undefined {
  if (text === '' || text.startsWith('#')) return undefined
  const piece = /((?:\\[0-9A-Fa-f]{2})+)|\\([\\"+,;<># =])|([^\\"+,;<>]+)/sy
  let value = ''
  while (piece.lastIndex < text.length) {
    const [all, hex, escaped, plain] = piece.exec(text) ?? []
    if (all === undefined) return undefined
    value +=
      hex === undefined ? (escaped ?? plain ?? '') : Buffer.from(hex.replaceAll('\\', ''), 'hex').toString('utf8')
  }
  return value.includes('\uFFFD') ? undefined : value
}

/** Where the separator is not escaped. */
function split(text: string, separator: ',' | '+'): string[] {
  const parts = ['']
  for (const [piece] of text.matchAll(/\\.|[^\\]|\\$/gs)) {
    if (piece === separator) parts.push('')
    else parts.push((parts.pop() ?? '') + piece)
  }
  return parts
}

function collect<Item>(items: readonly (Item | undefined)[]): readonly Item[] | undefined {
  const whole = items.filter((item) => item !== undefined)
  return whole.length === items.length ? whole : undefined
}

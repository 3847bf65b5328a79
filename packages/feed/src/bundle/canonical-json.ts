// The one text of a JSON value: RFC 8785, and half characters, which that refuses, as their escapes. Who reads only this text reads no
// member twice, no number in another form and nothing that another parser would read differently.

/**
 * Members by name in code unit order, without white space; numbers and strings as JavaScript prints them, which is what
 * RFC 8785 prescribes. A member that is `undefined` is left out. A value nested deeper than `maxDepth` is a `RangeError`.
 */
export function canonicalJson(value: unknown, maxDepth: number = MAX_DEPTH): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (maxDepth === 0) throw new RangeError('the value is nested too deeply')
  if (Array.isArray(value)) {
    // long lists of numbers and texts: the engine's own printer is a hundred times faster
    if (value.every(isScalar)) return JSON.stringify(value)
    return `[${value.map((item) => canonicalJson(item, maxDepth - 1)).join(',')}]`
  }
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member, maxDepth - 1)}`)
  return `{${members.join(',')}}`
}

/** A schema alone may nest its types 64 levels, each two of JSON. */
const MAX_DEPTH = 256

function isScalar(value: unknown): boolean {
  return typeof value !== 'object' || value === null
}

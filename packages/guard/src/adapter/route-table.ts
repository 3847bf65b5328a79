// Routes of fetch-style services: `'GET /documents/:id'`. Segments are compared as they came, decoded once; whatever two parsers
// might read differently (encoded separators, empty or dot segments) matches nothing. Linear in the path.

export interface RouteMatch<T> {
  readonly name: string
  readonly value: T
  /** Null prototype: names come from routes, but look-ups do not. */
  readonly params: Readonly<Record<string, string>>
}

export interface RouteTable<T> {
  /** `undefined`: no route. A route for `GET` answers `HEAD`, too. Fixed segments win over parameters, from left to right. */
  match(method: string, pathname: string): RouteMatch<T> | undefined
}

interface Entry<T> {
  readonly name: string
  readonly method: string
  readonly segments: readonly string[]
  readonly value: T
}

const NAME = /^([A-Z]+) (\/\S*)$/

/** Throws `TypeError` for a name that is no method and path, and for two routes that match the same addresses. */
export function createRouteTable<T>(routes: { readonly [name: string]: T }): RouteTable<T> {
  const entries = Object.entries(routes).map(([name, value]) => entryOf(name, value))
  const shapes = new Set(entries.map(({ method, segments }) => `${method} ${segments.map(shapeOf).join('/')}`))
  if (shapes.size < entries.length) throw new TypeError('two routes match the same addresses')
  entries.sort((left, right) => compare(left.segments, right.segments))
  return {
    match(method, pathname) {
      const segments = segmentsOf(pathname)
      if (segments === undefined) return undefined
      return find(entries, method, segments) ?? (method === 'HEAD' ? find(entries, 'GET', segments) : undefined)
    },
  }
}

function entryOf<T>(name: string, value: T): Entry<T> {
  const [, method, path] = NAME.exec(name) ?? []
  if (method === undefined || path === undefined) {
    throw new TypeError(`route \`${name}\` is no method and path, like \`GET /documents/:id\``)
  }
  return { name, method, segments: path === '/' ? [] : path.slice(1).split('/'), value }
}

function find<T>(entries: readonly Entry<T>[], method: string, segments: readonly string[]): RouteMatch<T> | undefined {
  for (const entry of entries) {
    if (entry.method !== method || entry.segments.length !== segments.length) continue
    const params: Record<string, string> = Object.create(null)
    const isMatch = entry.segments.every((wanted, index) => {
      const segment = segments[index] ?? ''
      if (!wanted.startsWith(':')) return wanted === segment
      params[wanted.slice(1)] = segment
      return true
    })
    if (isMatch) return { name: entry.name, value: entry.value, params }
  }
  return undefined
}

function segmentsOf(pathname: string): readonly string[] | undefined {
  if (pathname === '/') return []
  const segments: string[] = []
  for (const raw of pathname.slice(1).split('/')) {
    const segment = decode(raw)
    if (segment === undefined || segment === '' || segment === '.' || segment === '..' || /[/\\;\0]/.test(segment)) {
      return undefined
    }
    segments.push(segment)
  }
  return segments
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function shapeOf(segment: string): string {
  return segment.startsWith(':') ? ':' : segment
}

/** Fixed before parameter, at the first place where they differ. */
function compare(left: readonly string[], right: readonly string[]): number {
  for (const [index, segment] of left.entries()) {
    const difference = Number(segment.startsWith(':')) - Number(right[index]?.startsWith(':') ?? false)
    if (difference !== 0) return difference
  }
  return 0
}

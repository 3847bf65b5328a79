// A predicate as a small tree: `and`, `or`, constants, and fragments of text, columns and parameters.
// INVARIANT: a value is only ever a `Parameter`, and a name only ever a `Column`; text is written in this package and nowhere else.
// INVARIANT: predicates hold no NOT around another predicate that may be NULL, so a NULL means the same as false everywhere.

/** What a database driver binds. */
export type SqlValue = string | number | bigint

export interface Column {
  readonly kind: 'column'
  readonly table: string
  readonly name: string
}

export interface Parameter {
  readonly kind: 'parameter'
  readonly value: SqlValue
}

export type Piece = string | Column | Parameter

/** A scalar SQL expression, in order of writing. */
export interface Fragment {
  readonly kind: 'fragment'
  readonly pieces: readonly Piece[]
}

/** A condition on a row. */
export type Predicate = (
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'test'; readonly fragment: Fragment }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Predicate[] }
  | { readonly kind: 'isNotTrue'; readonly of: Predicate }
  | { readonly kind: 'undecided' }
) & {
  /** Its fragments as written, shared parts counted each time. */
  readonly size: number
  readonly needs: Needs
}

/** What must be so for a predicate to be exact, by column: a required attribute is there. Rows without it are no valid entities. */
export type Needs = ReadonlyMap<string, Predicate>

export const NO_NEEDS: Needs = new Map<string, Predicate>()
export const TRUE: Predicate = Object.freeze({ kind: 'constant', value: true, size: 1, needs: NO_NEEDS })
export const FALSE: Predicate = Object.freeze({ kind: 'constant', value: false, size: 1, needs: NO_NEEDS })

/** Depends on a request that is not there yet, while policies are checked. It cannot be printed. */
export const UNDECIDED_PREDICATE: Predicate = Object.freeze({ kind: 'undecided', size: 1, needs: NO_NEEDS })

export function parameter(value: SqlValue): Parameter {
  return { kind: 'parameter', value }
}

/** A fragment from a template: text as it stands, and columns, parameters or fragments between. */
export function fragment(text: TemplateStringsArray, ...inserts: readonly (Fragment | Column | Parameter)[]): Fragment {
  const pieces: Piece[] = []
  text.forEach((part, index) => {
    if (part !== '') pieces.push(part)
    const insert = inserts[index]
    if (insert === undefined) return
    if (insert.kind === 'fragment') pieces.push(...insert.pieces)
    else pieces.push(insert)
  })
  return { kind: 'fragment', pieces }
}

/** A predicate from a template, see `fragment`. */
export function test(text: TemplateStringsArray, ...inserts: readonly (Fragment | Column | Parameter)[]): Predicate {
  return { kind: 'test', fragment: fragment(text, ...inserts), size: 1, needs: NO_NEEDS }
}

/** `a, b, c`. */
export function list(items: readonly (Column | Parameter)[]): Fragment {
  return { kind: 'fragment', pieces: items.flatMap((item, index): Piece[] => (index === 0 ? [item] : [', ', item])) }
}

/** True when all parts are true. */
export function all(...parts: readonly Predicate[]): Predicate {
  return join('and', false, parts)
}

/** True when any part is true. */
export function any(...parts: readonly Predicate[]): Predicate {
  return join('or', true, parts)
}

/** True when the predicate is false or NULL. */
export function isNotTrue(of: Predicate): Predicate {
  if (of.kind === 'constant') return { ...of, value: !of.value }
  return { kind: 'isNotTrue', of, size: of.size, needs: of.needs }
}

/** The same predicate, exact only where `needs` hold. */
export function relying(predicate: Predicate, needs: Needs): Predicate {
  return needs.size === 0 ? predicate : { ...predicate, needs: mergeNeeds([predicate.needs, needs]) }
}

export function mergeNeeds(needs: readonly Needs[]): Needs {
  const some = needs.filter(({ size }) => size > 0)
  return some.length > 1 ? new Map(some.flatMap((each) => [...each])) : (some[0] ?? NO_NEEDS)
}

export function isConstant(predicate: Predicate, value: boolean): boolean {
  return predicate.kind === 'constant' && predicate.value === value
}

/** Flattens, drops what cannot matter, and writes a shared part once. What a dropped part relied on is still needed. */
function join(kind: 'and' | 'or', decisive: boolean, parts: readonly Predicate[]): Predicate {
  const deciding = parts.find((part) => isConstant(part, decisive))
  if (deciding !== undefined) return deciding
  const kept = [
    ...new Set(parts.flatMap((part) => (part.kind === kind ? part.parts : part.kind === 'constant' ? [] : [part]))),
  ]
  const needs = mergeNeeds(parts.map((part) => part.needs))
  const [first, ...rest] = kept
  if (first === undefined) return relying(decisive ? FALSE : TRUE, needs)
  if (rest.length === 0) return relying(first, needs)
  return { kind, parts: kept, size: kept.reduce((sum, part) => sum + part.size, 0), needs }
}

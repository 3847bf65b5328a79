// Cedar's `like` in SQLite: `*` is the only wildcard, no case folding, no normalisation, segments do not overlap.
// UTF-8 is self-synchronising, so bytes may be compared in place of characters, and NUL is a byte like any other.

import type { PatternPart } from '@cardea/policy'
import type { Dialect, Pair } from './dialect.ts'
import { all, any, FALSE, fragment, parameter, test } from './fragment.ts'
import type { Column, Fragment, Parameter } from './fragment.ts'
import { textParameter } from './parameters.ts'

/** Each middle segment doubles the text of the next one's search. */
const MAX_MIDDLE_SEGMENTS = 4
/** Below SQLite's limit of 50 000 bytes, also when every character is escaped. */
const MAX_GLOB = 4000

export function sqliteLike(column: Column, pattern: readonly PatternPart[], dialect: Dialect): Pair | undefined {
  const segments = segmentsOf(pattern)
  const [prefix = '', ...rest] = segments
  const suffix = rest.pop()
  if (suffix === undefined) return dialect.textIsIn(column, [prefix])
  const middle = rest.filter((segment) => segment !== '')
  if (middle.length > MAX_MIDDLE_SEGMENTS) return undefined
  if (prefix === '' && suffix === '' && middle.length === 0) {
    return { whenTrue: dialect.isPresent(column), whenFalse: FALSE }
  }
  const bytes = fragment`cast(${column} as blob)`
  const outside = parameter(sizeBytes(prefix) + sizeBytes(suffix))
  const pairs: Pair[] = []
  if (prefix !== '') pairs.push(startsWith(column, prefix))
  if (suffix !== '') {
    const last = fragment`substr(${bytes}, ${parameter(-sizeBytes(suffix))})`
    pairs.push(equal(last, textParameter(suffix)))
  }
  // also because `substr` of an empty blob is NULL
  if (suffix !== '' || globOf(prefix) === undefined) {
    pairs.push({ whenTrue: test`length(${bytes}) >= ${outside}`, whenFalse: test`length(${bytes}) < ${outside}` })
  }
  const inner =
    prefix === '' && suffix === ''
      ? bytes
      : fragment`substr(${bytes}, ${parameter(sizeBytes(prefix) + 1)}, length(${bytes}) - ${outside})`
  pairs.push(...inOrder(inner, middle))
  // where an earlier test fails, the later ones do not matter: they are made under its assumption
  return {
    whenTrue: all(...pairs.map(({ whenTrue }) => whenTrue)),
    whenFalse: any(...pairs.map(({ whenFalse }) => whenFalse)),
  }
}

/** The leftmost place for each segment is the best one, so a search after the other is exact. */
function inOrder(text: Fragment, segments: readonly string[]): Pair[] {
  let remaining = text
  return segments.map((segment) => {
    const at = fragment`instr(${remaining}, cast(${textParameter(segment)} as blob))`
    remaining = fragment`substr(${remaining}, ${at} + ${parameter(sizeBytes(segment))})`
    return { whenTrue: test`${at} > 0`, whenFalse: test`${at} = 0` }
  })
}

function startsWith(column: Column, prefix: string): Pair {
  const glob = globOf(prefix)
  if (glob !== undefined) {
    const pattern = textParameter(glob)
    return { whenTrue: test`${column} glob ${pattern}`, whenFalse: test`${column} not glob ${pattern}` }
  }
  return equal(fragment`substr(cast(${column} as blob), 1, ${parameter(sizeBytes(prefix))})`, textParameter(prefix))
}

/** The pattern of a prefix, which an index can answer; `undefined` where SQLite would not read it to its end. */
function globOf(prefix: string): string | undefined {
  const glob = `${prefix.replace(/[*?[]/g, '[$&]')}*`
  return glob.length <= MAX_GLOB && !prefix.includes('\0') ? glob : undefined
}

function equal(bytes: Fragment, text: Parameter): Pair {
  return { whenTrue: test`${bytes} = cast(${text} as blob)`, whenFalse: test`${bytes} <> cast(${text} as blob)` }
}

/** The literal runs between the wildcards: one more than there are wildcards. */
function segmentsOf(pattern: readonly PatternPart[]): string[] {
  const segments = ['']
  for (const part of pattern) {
    if (part.kind === 'wildcard') segments.push('')
    else segments.push(`${segments.pop() ?? ''}${part.text}`)
  }
  return segments
}

function sizeBytes(text: string): number {
  return new TextEncoder().encode(text).length
}

// Random values of a type in Cedar's JSON for entities and contexts. Longs are exact: `{ "__long": "..." }` beyond 2^53, as in
// case files.

import type { AttributeDefinitions, TypeDefinition } from '@cardea/policy'
import type { ExtensionName, Palette } from './palette.ts'
import type { Random } from './random.ts'

export interface UidJson {
  readonly type: string
  readonly id: string
}

export type Json = boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/** What values are drawn from. */
export interface ValueSource {
  readonly palette: Palette
  readonly ids: ReadonlyMap<string, readonly string[]>
}

/** A value for each attribute; an optional one may be absent. */
export function fieldsJson(
  random: Random,
  attributes: AttributeDefinitions,
  source: ValueSource,
): { readonly [name: string]: Json } {
  const present = Object.entries(attributes).filter(([, { optional }]) => optional !== true || random.chance(0.6))
  return Object.fromEntries(present.map(([name, type]) => [name, valueJson(random, type, source)]))
}

function valueJson(random: Random, type: TypeDefinition, source: ValueSource): Json {
  const { palette } = source
  switch (type.type) {
    case 'Bool':
      return random.chance(0.6)
    case 'Long':
      return longJson(random.pick(palette.longs))
    case 'String':
      return random.pick(palette.texts)
    case 'ipaddr':
      return extensionJson(random, 'ip', palette)
    case 'datetime':
      return random.chance(0.25) ? farInstant(random) : extensionJson(random, 'datetime', palette)
    case 'decimal':
    case 'duration':
      return extensionJson(random, type.type, palette)
    case 'Entity':
      return { __entity: { type: type.name, id: random.pick(source.ids.get(type.name) ?? ['']) } }
    case 'Set':
      return random.list(0, random.chance(0.05) ? 12 : 3, () => valueJson(random, type.element, source))
    case 'Record':
      return fieldsJson(random, type.attributes, source)
    default:
      return type satisfies never
  }
}

function longJson(digits: string): Json {
  const number = Number(digits)
  return Number.isSafeInteger(number) ? number : { __long: digits }
}

function extensionJson(random: Random, fn: ExtensionName, palette: Palette): Json {
  return { __extn: { fn, arg: random.pick(palette.extensions[fn]) } }
}

/** An instant that no literal can say. */
function farInstant(random: Random): Json {
  const start = { __extn: { fn: 'datetime', arg: '1970-01-01' } }
  const by = { __extn: { fn: 'duration', arg: `${random.pick(FAR_MILLISECONDS)}ms` } }
  return { __extn: { fn: 'offset', args: [start, by] } }
}

const FAR_MILLISECONDS = ['-9223372036854775808', '9223372036854775807', '-62167219200001', '253402300800000']

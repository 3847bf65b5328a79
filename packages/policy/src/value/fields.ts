// Named values: the attributes and tags of an entity, the fields of a record, the context of a request. A read-only map whose names
// are a layout shared by all that have the same names in the same order, so that whoever reads the same name again and again
// finds its slot without a look-up (`readField`). Names are data: `__proto__` is a name like any other.

import type { Value } from './value.ts'

/** The names of some fields, in order. Compared by identity: the same layout has the same slots. */
export class Layout {
  readonly names: readonly string[]
  #slots: Map<string, number> | undefined
  #next: Map<string, Layout> | undefined

  constructor(names: readonly string[]) {
    this.names = names
  }

  /** Where the value of the name is; `undefined` when the name is not among them. */
  slotOf(name: string): number | undefined {
    this.#slots ??= new Map(this.names.map((own, slot) => [own, slot]))
    return this.#slots.get(name)
  }

  /** The layout with one more name; `undefined` when it has the name already. */
  with(name: string): Layout | undefined {
    const known = this.#next?.get(name)
    if (known !== undefined) return known
    if (this.names.includes(name)) return undefined
    const next = new Layout([...this.names, name])
    if (shared < MOST_SHARED) {
      shared += 1
      this.#next ??= new Map()
      this.#next.set(name, next)
    }
    return next
  }
}

/** Names may come from outside: beyond this many, layouts are made and dropped with their fields. */
const MOST_SHARED = 10_000
/** Wider fields have a layout of their own: steps towards it would cost more than they save. */
const WIDEST_SHARED = 64
const EMPTY = new Layout([])
let shared = 0

export class Fields implements ReadonlyMap<string, Value> {
  readonly layout: Layout
  /** In the order of the layout's names. */
  readonly slots: readonly Value[]

  private constructor(layout: Layout, slots: readonly Value[]) {
    this.layout = layout
    this.slots = slots
  }

  /** Of entries with the same name the last one counts. */
  static from(entries: Iterable<readonly [string, Value]>): Fields {
    const given = Array.isArray(entries) || entries instanceof Map ? entries : [...entries]
    const slots: Value[] = []
    let layout = EMPTY
    for (const [name, value] of given) {
      const next = layout.with(name)
      if (next === undefined) slots[layout.slotOf(name) ?? 0] = value
      else if (slots.push(value) > WIDEST_SHARED) return Fields.#wide(new Map(given))
      else layout = next
    }
    return new Fields(layout, slots)
  }

  static #wide(values: ReadonlyMap<string, Value>): Fields {
    return new Fields(new Layout([...values.keys()]), [...values.values()])
  }

  get size(): number {
    return this.slots.length
  }

  get(name: string): Value | undefined {
    const slot = this.layout.slotOf(name)
    return slot === undefined ? undefined : this.slots[slot]
  }

  has(name: string): boolean {
    return this.layout.slotOf(name) !== undefined
  }

  keys(): MapIterator<string> {
    return this.layout.names.values()
  }

  values(): MapIterator<Value> {
    return this.slots.values()
  }

  *entries(): MapIterator<[string, Value]> {
    const { layout, slots } = this
    for (const [slot, value] of slots.entries()) yield [layout.names[slot] ?? '', value]
  }

  [Symbol.iterator](): MapIterator<[string, Value]> {
    return this.entries()
  }

  forEach(visit: (value: Value, name: string, fields: ReadonlyMap<string, Value>) => void): void {
    for (const [name, value] of this) visit(value, name, this)
  }
}

/** A place that reads one name again and again, and remembers where it was found last. */
export interface FieldSite {
  readonly name: string
  layout: Layout
  slot: number
}

export function fieldSite(name: string): FieldSite {
  return { name, layout: EMPTY, slot: 0 }
}

/** The field that the site reads; `undefined` when it is not there. */
export function readField(site: FieldSite, fields: ReadonlyMap<string, Value>): Value | undefined {
  return hasLayout(fields, site.layout) ? fields.slots[site.slot] : findField(site, fields)
}

/** Cheaper than to ask first whether they are `Fields`: no other map has a layout. */
function hasLayout(
  fields: ReadonlyMap<string, Value> & { readonly layout?: Layout },
  layout: Layout,
): fields is Fields {
  return fields.layout === layout
}

function findField(site: FieldSite, fields: ReadonlyMap<string, Value>): Value | undefined {
  if (!(fields instanceof Fields)) return fields.get(site.name)
  const slot = fields.layout.slotOf(site.name)
  if (slot === undefined) return undefined
  site.layout = fields.layout
  site.slot = slot
  return fields.slots[slot]
}

// Random expressions of a wanted type, as text. Without disorder they are valid by construction: what is optional is asked for before
// it is read, what may be missing too, and mostly only results at the edges of 64 bits err. With disorder, any part may be of another
// type, have an argument too many or too few, or be read without asking.

import type { AttributeDefinitions, TypeDefinition } from '@cardea/policy'
import { isName, quoted, quotedCharacter, reference } from './cedar-text.ts'
import { anyExtensionText, anyText, EDGES, type ExtensionName } from './palette.ts'
import type { Random } from './random.ts'
import { access, type Environment, type Reads, readsOf, typeKey } from './reads.ts'
import { makeType, type World } from './world.ts'

export interface ExpressionOptions {
  readonly random: Random
  readonly world: World
  readonly environment: Environment
  /** The share of parts that are wrong, from 0 (none) to 1. */
  readonly disorder: number
}

/** A condition about this many operators deep. */
export function makeCondition(options: ExpressionOptions, depth: number): string {
  return new Writer(options).of(BOOL, depth)
}

const BOOL: TypeDefinition = { type: 'Bool' }
const LONG: TypeDefinition = { type: 'Long' }
const STRING: TypeDefinition = { type: 'String' }
const DECIMAL: TypeDefinition = { type: 'decimal' }
const IP: TypeDefinition = { type: 'ipaddr' }
const DATETIME: TypeDefinition = { type: 'datetime' }
const DURATION: TypeDefinition = { type: 'duration' }
const setOf = (element: TypeDefinition): TypeDefinition => ({ type: 'Set', element })

class Writer {
  readonly #random: Random
  readonly #world: World
  readonly #environment: Environment
  readonly #disorder: number
  readonly #reads: Reads

  constructor({ random, world, environment, disorder }: ExpressionOptions) {
    this.#random = random
    this.#world = world
    this.#environment = environment
    this.#disorder = disorder
    this.#reads = readsOf(world, environment)
  }

  of(wanted: TypeDefinition, depth: number): string {
    const type = this.#random.chance(this.#disorder) ? this.#anyType() : wanted
    if (depth <= 0 || this.#random.chance(0.1)) return this.#leaf(type, depth)
    if (this.#random.chance(0.07)) {
      return `(if ${this.of(BOOL, depth - 1)} then ${this.of(type, depth - 1)} else ${this.of(type, depth - 1)})`
    }
    switch (type.type) {
      case 'Bool':
        return this.#bool(depth)
      case 'Long':
        return this.#long(depth)
      case 'datetime':
        return this.#datetime(depth)
      case 'duration':
        return this.#duration(depth)
      default:
        return this.#leaf(type, depth)
    }
  }

  #bool(depth: number): string {
    const random = this.#random
    const next = depth - 1
    const kind = random.below(25)
    switch (kind) {
      case 0:
      case 1:
      case 2:
        return this.#chain(random.pick(['&&', '||']), depth)
      case 3:
        return `!(${this.of(BOOL, next)})`
      case 4:
      case 5: {
        const type = this.#anyType()
        return this.#pair(type, random.pick(['==', '!=']), next)
      }
      case 6:
      case 7: {
        const type = random.pick([LONG, LONG, DATETIME, DURATION])
        return this.#pair(type, random.pick(['<', '<=', '>', '>=']), next)
      }
      case 23:
        return this.#exactResult()
      case 22:
        return random.chance(0.5) ? this.#action() : this.#leaf(BOOL, depth)
      case 8:
      case 9:
        return `(${this.#entity(next)} in ${random.chance(0.7) ? this.#entity(next) : this.of(setOf(this.#entityType()), next)})`
      case 10: {
        const type = this.#anyType()
        return `${this.of(setOf(type), next)}.contains(${this.of(type, next)})`
      }
      case 11: {
        const type = setOf(this.#anyType())
        return `${this.of(type, next)}.${random.pick(['containsAll', 'containsAny'])}(${this.of(type, next)})`
      }
      case 12:
        return `${this.of(setOf(this.#anyType()), next)}.isEmpty()`
      case 13:
      case 21:
        return this.#has(next)
      case 14:
        return `${this.#entity(next)}.hasTag(${this.#tagName(next)})`
      case 15:
      case 16:
        return this.#like(next)
      case 17:
        return this.#is(next)
      case 18:
        return this.#call(this.of(IP, next), random.pick(['isIpv4', 'isIpv6', 'isLoopback', 'isMulticast']), [])
      case 19:
        return this.#call(this.of(IP, next), 'isInRange', [this.of(IP, next)])
      case 20: {
        const name = random.pick(['lessThan', 'lessThanOrEqual', 'greaterThan', 'greaterThanOrEqual'])
        return this.#call(this.of(DECIMAL, next), name, [this.of(DECIMAL, next)])
      }
      default:
        return this.#leaf(BOOL, depth)
    }
  }

  /** Two of a type, sometimes twice the same: what is equal is where comparisons go wrong. */
  #pair(type: TypeDefinition, sign: string, depth: number): string {
    const left = this.of(type, depth)
    return `(${left} ${sign} ${this.#random.chance(0.3) ? left : this.of(type, depth)})`
  }

  /** Without parentheses, so that evaluators meet long chains as such. */
  #chain(sign: string, depth: number): string {
    return `(${this.#random.list(2, this.#random.chance(0.2) ? 6 : 3, () => this.of(BOOL, depth - 1)).join(` ${sign} `)})`
  }

  #long(depth: number): string {
    const random = this.#random
    const kind = random.below(7)
    if (kind < 2) {
      const signs = random.chance(0.3) ? ['*'] : ['+', '-']
      const operands = random.list(2, 3, () =>
        random.chance(0.55) ? this.#smallLong(depth - 1) : this.of(LONG, depth - 1),
      )
      return `(${operands.join(` ${random.pick(signs)} `)})`
    }
    if (kind === 2) return `(-(${this.of(LONG, depth - 1)}))`
    if (kind < 5) {
      const name = random.pick(['toMilliseconds', 'toSeconds', 'toMinutes', 'toHours', 'toDays'])
      return this.#call(this.of(DURATION, depth - 1), name, [])
    }
    return this.#leaf(LONG, depth)
  }

  /** Sums of these mostly fit. */
  #smallLong(depth: number): string {
    return this.#random.chance(0.5) ? this.#random.below(1000).toString() : this.of(LONG, Math.min(depth, 0))
  }

  #datetime(depth: number): string {
    const kind = this.#random.below(3)
    if (kind === 0) return this.#call(this.of(DATETIME, depth - 1), 'offset', [this.of(DURATION, depth - 1)])
    return kind === 1 ? this.#call(this.of(DATETIME, depth - 1), 'toDate', []) : this.#leaf(DATETIME, depth)
  }

  #duration(depth: number): string {
    const kind = this.#random.below(3)
    if (kind === 0) return this.#call(this.of(DATETIME, depth - 1), 'durationSince', [this.of(DATETIME, depth - 1)])
    return kind === 1 ? this.#call(this.of(DATETIME, depth - 1), 'toTime', []) : this.#leaf(DURATION, depth)
  }

  /** A sum, difference or product beside what it should be, or its neighbour. */
  #exactResult(): string {
    const random = this.#random
    const [left, right] = [random.pick(EDGES), random.pick([...EDGES, 1n, -1n, 2n])]
    const [sign, exact] = random.pick([
      ['+', left + right],
      ['-', left - right],
      ['*', left * right],
    ] as const)
    const near = BigInt.asIntN(64, exact + random.pick([-1n, 0n, 0n, 1n]))
    const operation = `(${longText(left.toString())} ${sign} ${longText(right.toString())})`
    return `(${operation} ${random.pick(['==', '!=', '<', '>='])} ${longText(near.toString())})`
  }

  #action(): string {
    const { uid } = this.#random.pick(this.#world.actions)
    return `(action ${this.#random.pick(['==', '!=', 'in', 'in', 'in'])} ${reference(uid, this.#random)})`
  }

  /** Any expression that is some entity. */
  #entity(depth: number): string {
    const variable = this.#random.below(8)
    if (variable < 3) return this.#random.pick(['principal', 'resource'])
    if (variable === 3 && this.#random.chance(0.2)) return 'action'
    return this.of(this.#entityType(), depth)
  }

  #entityType(): TypeDefinition {
    return { type: 'Entity', name: this.#random.pick(this.#world.types) }
  }

  #has(depth: number): string {
    const random = this.#random
    const { principal, resource, context } = this.#environment
    const typed = [
      ['principal', this.#attributesOf(principal)],
      ['resource', this.#attributesOf(resource)],
      ['context', context],
    ] as const
    const [holder, attributes] = random.pick(typed)
    const of = random.chance(0.2) ? this.#entity(depth) : holder
    const path = this.#path(attributes, random.between(1, 3))
    if (path.length > 1 && path.every(isName)) return `(${of} has ${path.join('.')})`
    const [name = ''] = path
    return `(${of} has ${isName(name) ? name : quoted(name, random)})`
  }

  /** A way through records and references, perhaps one step too far. */
  #path(attributes: AttributeDefinitions, length: number): string[] {
    const random = this.#random
    const all = Object.keys(attributes)
    const holders = all.filter((name) => attributes[name]?.type === 'Record' || attributes[name]?.type === 'Entity')
    const names = length > 1 && holders.length > 0 ? holders : all
    const name = names.length === 0 || random.chance(0.1) ? anyText(random) : random.pick(names)
    if (length === 1) return [name]
    const type = Object.hasOwn(attributes, name) ? attributes[name] : undefined
    if (type?.type === 'Record') return [name, ...this.#path(type.attributes, length - 1)]
    if (type?.type === 'Entity') return [name, ...this.#path(this.#attributesOf(type.name), length - 1)]
    return random.chance(this.#disorder) ? [name, anyText(random)] : [name]
  }

  #attributesOf(type: string | undefined): AttributeDefinitions {
    return (type === undefined ? undefined : this.#world.definition.entities[type]?.attributes) ?? {}
  }

  #like(depth: number): string {
    const random = this.#random
    const characters = Array.from(random.pick([...this.#world.palette.texts, anyText(random)]))
    let pattern = ''
    for (const character of characters) {
      const kind = random.below(10)
      if (kind < 2) pattern += '*'
      else if (kind === 2) pattern += `*${likeCharacter(character, random)}`
      else pattern += likeCharacter(character, random)
    }
    return `(${this.of(STRING, depth)} like "${pattern}${random.chance(0.2) ? '*' : ''}")`
  }

  #is(depth: number): string {
    const type = this.#random.pick(this.#world.types)
    const within = this.#random.chance(0.4) ? ` in ${this.#entity(depth)}` : ''
    return `(${this.#entity(depth)} is ${type}${within})`
  }

  /** A method of an extension type. Cedar leaves the number of arguments to evaluation. */
  #call(receiver: string, name: string, args: readonly string[]): string {
    if (!this.#random.chance(this.#disorder / 2)) return `${receiver}.${name}(${args.join(', ')})`
    const wrong = args.length === 0 || this.#random.chance(0.5) ? [...args, this.#leaf(this.#anyType(), 0)] : []
    return `${receiver}.${name}(${wrong.join(', ')})`
  }

  #leaf(type: TypeDefinition, depth: number): string {
    if (!this.#random.chance(0.7)) return this.#constant(type, depth)
    const reads = this.#reads.get(typeKey(type))
    if (type.type === 'Entity' && (reads === undefined || this.#random.chance(0.4))) {
      if (this.#environment.principal === type.name && this.#random.chance(0.6)) return 'principal'
      if (this.#environment.resource === type.name && this.#random.chance(0.6)) return 'resource'
    }
    if (reads === undefined) return this.#constant(type, depth)
    const { text, guards } = this.#random.pick(reads)
    if (guards.length === 0 || this.#random.chance(this.#disorder + 0.02)) return text
    const guard = guards.join(' && ')
    return type.type === 'Bool' ? `(${guard} && ${text})` : `(if ${guard} then ${text} else ${this.#constant(type, 0)})`
  }

  #constant(type: TypeDefinition, depth: number): string {
    const random = this.#random
    const { palette, ids } = this.#world
    switch (type.type) {
      case 'Bool':
        return random.pick(['true', 'false'])
      case 'Long':
        return longText(random.pick(palette.longs))
      case 'String':
        return quoted(random.pick(palette.texts), random)
      case 'ipaddr':
        return this.#constructed('ip')
      case 'decimal':
      case 'datetime':
      case 'duration':
        return this.#constructed(type.type)
      case 'Entity':
        return reference({ type: type.name, id: random.pick(ids.get(type.name) ?? ['']) }, random)
      case 'Set': {
        const size = random.chance(0.03) ? 12 : 3
        return `[${random.list(0, size, () => this.of(type.element, Math.min(depth - 1, 1))).join(', ')}]`
      }
      case 'Record': {
        const fields = Object.entries(type.attributes).filter(
          ([, field]) => field.optional !== true || random.chance(0.6),
        )
        const written = fields.map(([name, field]) => {
          return `${isName(name) ? name : quoted(name, random)}: ${this.of(field, Math.min(depth - 1, 1))}`
        })
        const record = `{${written.join(', ')}}`
        const name = random.pick(['a', ...fields.map(([field]) => field)])
        return random.chance(this.#disorder) ? access(record, name) : record
      }
      default:
        return type satisfies never
    }
  }

  #constructed(name: ExtensionName): string {
    const random = this.#random
    if (!random.chance(this.#disorder)) {
      const valid = quoted(random.pick(this.#world.palette.extensions[name]), random)
      return `${name}(${valid})`
    }
    const argument = random.chance(0.2)
      ? this.#leaf(this.#anyType(), 0)
      : quoted(anyExtensionText(random, name), random)
    const args = random.chance(0.1) ? random.pick([[], [argument, argument]]) : [argument]
    return `${name}(${args.join(', ')})`
  }

  #tagName(depth: number): string {
    return this.#random.chance(0.7)
      ? quoted(this.#random.pick(this.#world.tagNames), this.#random)
      : this.of(STRING, depth)
  }

  /** One that something in reach has, or any. */
  #anyType(): TypeDefinition {
    const known = [...this.#reads.values()]
    if (known.length > 0 && this.#random.chance(0.6)) return this.#random.pick(this.#random.pick(known)).type
    return makeType(this.#random, this.#world.types, 2)
  }
}

function longText(digits: string): string {
  return digits.startsWith('-') ? `(${digits})` : digits
}

function likeCharacter(character: string, random: Random): string {
  return character === '*' ? '\\*' : quotedCharacter(character, random)
}

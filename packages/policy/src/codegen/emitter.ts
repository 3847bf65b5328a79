// Where the code of one condition is put together: statements in order, constants beside them. A value of the policy never becomes
// part of the code, only a parameter of it (`k0`, `k1`, ...), so that no text of a policy can be read as code, and policies of equal shape
// have the same code.

import type { Expression, Fault } from '../syntax/tree.ts'
import type { Value } from '../value/value.ts'

/** What is known of a value when its code is made. */
export type Known = 'Bool' | 'Entity' | 'String' | 'Long' | 'Set' | 'any'

/** An expression of JavaScript without effects that may be repeated: a variable or a constant. */
export interface Operand {
  readonly code: string
  readonly known: Known
}

export interface Emitter {
  /** Names a constant. */
  constant(value: unknown): string
  /** Names a place that remembers where a field was found, and tells how to read it: `read('x.attributes')`. */
  fieldReader(name: string): (fields: string) => string
  /** A name that nothing else has. */
  variable(): string
  line(code: string): void
  /** Ends the evaluation with this fault: an error of any part that is evaluated is the error of the whole. */
  fail(fault: Fault): string
  /** The same for a fault that a variable holds. */
  failWith(variable: string): string
}

/** Emits the code of a part of the node at hand. */
export type Emit = (node: Expression) => Operand

export interface Emitted {
  /** The text of a function from constants to a test. */
  readonly code: string
  readonly constants: readonly unknown[]
}

export interface Collector extends Emitter {
  /** The statements so far, as a function of these parameters. */
  finish(parameters: string): Emitted
}

/** `fault` is what happens when the evaluation ends with the fault of that name. */
export function createEmitter(fault: (name: string) => string = (name) => `return ${name};`): Collector {
  const constants: unknown[] = []
  const readers: string[] = []
  const lines: string[] = []
  let variables = 0
  const constant = (value: unknown): string => `k${constants.push(value) - 1}`

  return {
    constant,
    fieldReader(name) {
      const at = readers.length
      readers.push(readerCode(at, constant(name)))
      return (fields) => `(${fields}.layout === l${at} ? ${fields}.slots[s${at}] : r${at}(${fields}))`
    },
    variable: () => `v${variables++}`,
    line: (code) => void lines.push(code),
    fail: (value) => fault(constant(value)),
    failWith: fault,
    finish(parameters) {
      const names = constants.map((_, at) => `k${at}`).join(', ')
      const code = `'use strict';
const [${names}] = constants;
${readers.join('\n')}
return (${parameters}) => {
${FOUND}
${lines.join('\n')}
};`
      return { code, constants }
    },
  }
}

/** What was found when the evaluation began, read once: entities, and attributes that are only read where there is an entity. */
const FOUND = `const pe = e.principalEntity, re = e.resourceEntity, ce = e.context;
const pa = pe === undefined ? ce : pe.attributes, ra = re === undefined ? ce : re.attributes;`

/** The same memory as `readField` of `value/fields.ts`, as variables beside the code. */
function readerCode(at: number, name: string): string {
  return `let l${at} = h.unknownLayout, s${at} = 0;
const r${at} = (fields) => {
  if (fields.layout === undefined) return fields.get(${name});
  const slot = fields.layout.slotOf(${name});
  if (slot === undefined) return undefined;
  l${at} = fields.layout; s${at} = slot;
  return fields.slots[slot];
};`
}

/** A constant as operand. */
export function valueOperand(value: Value, emitter: Emitter): Operand {
  if (typeof value === 'boolean') return { code: String(value), known: 'Bool' }
  return { code: emitter.constant(value), known: knownOf(value) }
}

function knownOf(value: Value): Known {
  if (typeof value === 'string') return 'String'
  if (typeof value !== 'object') return 'Long'
  if (value.kind === 'entity') return 'Entity'
  return value.kind === 'set' ? 'Set' : 'any'
}

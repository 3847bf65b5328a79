// Variables, attributes, `has` and tags.

import { attributeFaults } from '../operator/request-attribute.ts'
import { hasFault } from '../operator/has.ts'
import { tagFaults } from '../operator/tag.ts'
import type { TagOperator } from '../operator/tag.ts'
import type { Attribute, Binary, Expression, Has, Variable } from '../syntax/tree.ts'
import type { Emit, Emitter, Operand } from './emitter.ts'
import { define } from './logic.ts'

export function emitVariable({ name }: Variable, emitter: Emitter): Operand {
  if (name === 'context') return define(`{ kind: 'record', fields: e.context }`, 'any', emitter)
  return { code: `e.${name}`, known: 'Entity' }
}

export function emitAttribute(node: Attribute, emitter: Emitter, emit: Emit): Operand {
  const { absent, missing, type } = attributeFaults(node)
  const read = emitter.fieldReader(node.name)
  const entity = entityOf(node.of)
  if (entity !== undefined) {
    emitter.line(`if (${entity.found} === undefined) ${emitter.fail(missing)}`)
    return present(read(entity.attributes))
  }
  if (isContext(node.of)) return present(read('ce'))
  const holder = emit(node.of).code
  const fields = emitter.variable()
  emitter.line(`let ${fields};`)
  emitter.line(`if (typeof ${holder} !== 'object') ${emitter.fail(type)}`)
  emitter.line(`if (${holder}.kind === 'record') ${fields} = ${holder}.fields;`)
  emitter.line(`else if (${holder}.kind === 'entity') {`)
  const found = define(`h.findEntity(e, ${holder})`, 'any', emitter)
  emitter.line(`if (${found.code} === undefined) ${emitter.fail(missing)}`)
  emitter.line(`${fields} = ${found.code}.attributes;`)
  emitter.line(`} else ${emitter.fail(type)}`)
  return present(read(fields))

  function present(code: string): Operand {
    const value = define(code, 'any', emitter)
    emitter.line(`if (${value.code} === undefined) ${emitter.fail(absent)}`)
    return value
  }
}

export function emitHas(node: Has, emitter: Emitter, emit: Emit): Operand {
  const [name = '', ...rest] = node.path
  if (rest.length === 0) {
    const read = emitter.fieldReader(name)
    if (isContext(node.of)) return define(`${read('ce')} !== undefined`, 'Bool', emitter)
    const entity = entityOf(node.of)
    if (entity !== undefined) {
      return define(`${entity.found} !== undefined && ${read(entity.attributes)} !== undefined`, 'Bool', emitter)
    }
  }
  const holder = emit(node.of)
  const result = define(`h.hasPath(${holder.code}, ${emitter.constant(node.path)}, e)`, 'Bool', emitter)
  emitter.line(`if (${result.code} === undefined) ${emitter.fail(hasFault(node))}`)
  return result
}

export function emitTag({ prepare }: TagOperator, isBoolean: boolean) {
  return (node: Binary, emitter: Emitter, emit: Emit): Operand => {
    const faults = tagFaults(node)
    const own = entityOf(node.left)
    const holder = emit(node.left)
    const name = emit(node.right)
    if (holder.known !== 'Entity') requireEntity(holder.code, emitter.fail(faults.holder), emitter)
    if (name.known !== 'String') emitter.line(`if (typeof ${name.code} !== 'string') ${emitter.fail(faults.name)}`)
    const entity = own?.found ?? `h.findEntity(e, ${holder.code})`
    const result = define(
      `${emitter.constant(prepare(node))}(${entity}, ${name.code})`,
      isBoolean ? 'Bool' : 'any',
      emitter,
    )
    if (!isBoolean) passFault(result, emitter)
    return result
  }
}

/** Leaves the code when a function answered a fault. */
export function passFault({ code }: Operand, emitter: Emitter): void {
  emitter.line(`if (typeof ${code} === 'object' && ${code}.kind === 'fault') ${emitter.failWith(code)}`)
}

export function requireEntity(code: string, otherwise: string, emitter: Emitter): void {
  emitter.line(`if (typeof ${code} !== 'object' || ${code}.kind !== 'entity') ${otherwise}`)
}

/** The entity of `principal` and `resource`, which was found when the evaluation began, and its attributes. */
export function entityOf(node: Expression): { found: string; attributes: string } | undefined {
  if (node.kind !== 'variable') return undefined
  if (node.name === 'principal') return { found: 'pe', attributes: 'pa' }
  return node.name === 'resource' ? { found: 're', attributes: 'ra' } : undefined
}

function isContext(node: Expression): boolean {
  return node.kind === 'variable' && node.name === 'context'
}

// `x in y`. A row tells its own ancestors by its columns; those of an entity that it refers to are elsewhere.

import type { Binary, EntityUid, Value } from '@cardea/policy'
import { any } from '../sql/fragment.ts'
import { condition, FAULT_OPERAND, testOf, UNDECIDED } from './operand.ts'
import type { ColumnOperand, Known, Operand } from './operand.ts'
import { mayBeRow, truthWhereThere } from './reading.ts'
import type { Translate, Translation } from './translation.ts'
import { anyOf, truth } from './truth.ts'
import type { Truth } from './truth.ts'

export const translateIn: Translate<'in'> = (node, translation) => {
  const left = translation.operand(node.left)
  const right = translation.operand(node.right)
  if (left.kind === 'fault' || right.kind === 'fault') return FAULT_OPERAND
  if (left.kind === 'known') return knownIn(left, node, translation)
  if (left.kind !== 'column' || left.type.type !== 'Entity') return FAULT_OPERAND
  if (right.kind !== 'known') {
    return translation.refuse(
      node,
      'ERR_DATA_UNSUPPORTED',
      'two parts of the row on both sides of `in` have no exact query',
    )
  }
  const holders = right.value === undefined ? undefined : entitiesOf(right.value)
  if (right.value !== undefined && holders === undefined) return FAULT_OPERAND
  if (!left.isResource) return referenceIn(left, left.type.name, holders, node, translation)
  return condition(holders === undefined ? UNDECIDED : resourceIn(left, holders, translation))
}

/** A residual says `[the entity, its groups].contains(x)` here: the groups are known, but for those of a row. */
function knownIn(left: Known, node: Binary, translation: Translation): Operand {
  if (translation.isChecking && !mayBeRow(left, node.left, translation)) return condition(UNDECIDED)
  return translation.refuse(
    node,
    'ERR_DATA_REACHED',
    'the ancestors of the entity before `in` are not known to the query',
  )
}

/** The row itself, or an ancestor that its columns tell. A mapping tells all ancestors, so that any holder may be asked for. */
function resourceIn(operand: ColumnOperand, holders: readonly EntityUid[], { row, dialect }: Translation): Truth {
  const own = idsOf(holders, row.type)
  const truths = own.length === 0 ? [] : [testOf(dialect.textIsIn(operand.column, own), operand)]
  for (const [type, { kind, column }] of row.ancestors) {
    const ids = idsOf(holders, type)
    if (ids.length === 0) continue
    if (kind === 'many') {
      truths.push(
        truth(dialect.listHasAny(column, ids), { needs: new Map([[`Set ${column.name}`, dialect.isList(column)]]) }),
      )
      continue
    }
    const { whenTrue, whenFalse } = dialect.textIsIn(column, ids)
    // no ancestor of this type is no error: the row is just not in it
    truths.push(truth({ whenTrue, whenFalse: any(dialect.isAbsent(column), whenFalse) }))
  }
  return anyOf(truths)
}

/** `holders` is `undefined` while a policy is checked: they may then be of any type. */
function referenceIn(
  operand: ColumnOperand,
  type: string,
  holders: readonly EntityUid[] | undefined,
  node: Binary,
  translation: Translation,
): Operand {
  const above = translation.row.ancestorTypes(type)
  const reached = holders === undefined ? above.size > 0 : holders.some((holder) => above.has(holder.type))
  if (reached) {
    return translation.refuse(
      node,
      'ERR_DATA_REACHED',
      `the ancestors of a \`${type}\` are not in the row that refers to it`,
      'ask `principal in ...`, or whether a set that the request holds `contains` the reference',
    )
  }
  if (holders === undefined) return condition(UNDECIDED)
  const ids = idsOf(holders, type)
  if (ids.length === 0) return condition(truthWhereThere(operand, false, translation))
  return condition(testOf(translation.dialect.textIsIn(operand.column, ids), operand))
}

function idsOf(entities: readonly EntityUid[], type: string): string[] {
  return entities.filter((entity) => entity.type === type).map(({ id }) => id)
}

/** The entities of a value that may stand after `in`; `undefined` when it may not. */
function entitiesOf(value: Value): readonly EntityUid[] | undefined {
  if (typeof value !== 'object') return undefined
  if (value.kind === 'entity') return [value]
  if (value.kind !== 'set') return undefined
  const entities = value.elements.filter((element) => typeof element === 'object' && element.kind === 'entity')
  return entities.length === value.elements.length ? entities : undefined
}
